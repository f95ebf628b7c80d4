"""Checks of the templates that every topology is synthesised to: four checkers, and one list of what is accepted.

A checker (``nag``, ``checkov``, ``lint``, ``house``) returns findings; ``judging`` takes away those that a construct
accepts with a reason (``stacks.acceptance``), and names the acceptances that nothing needs any more.
"""
