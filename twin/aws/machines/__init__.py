"""Step Functions: MiniStack's interpreter, with the control flow that the Amazon States Language asks for.

Of MiniStack remain: paths' syntax, parameters, intrinsic functions, choices, service integrations, the API.
States in JSONata go to MiniStack as they are.
"""

from twin.aws.machines.machines import Machines

__all__ = ["Machines"]
