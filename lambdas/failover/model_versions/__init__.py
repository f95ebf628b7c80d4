"""How a new version of a model comes into use: region by region, share by share, and back when it answers badly."""

from failover.model_versions.decision import Decision, decide
from failover.model_versions.health import Answers, Verdict, judge
from failover.model_versions.records import ModelPlan, Published, RegionalModel, Sight
from failover.model_versions.rolling import RolloutPorts, roll_out, tell_health

__all__ = [
    "Answers",
    "Decision",
    "ModelPlan",
    "Published",
    "RegionalModel",
    "RolloutPorts",
    "Sight",
    "Verdict",
    "decide",
    "judge",
    "roll_out",
    "tell_health",
]
