"""The CDK application: stacks compose, ``stacks.constructs`` build."""
