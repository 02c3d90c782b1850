"""What a decision of the council can do, and with what force."""

from enum import StrEnum


class DecisionKind(StrEnum):
    """What a decision does."""

    ADMIT = "admit"
    EXCLUDE = "exclude"
    SUSPEND = "suspend"
    SET_PARAMETER = "set_parameter"
    APPROVE_PLAN = "approve_plan"
    SHARE_DUTIES = "share_duties"
    RECOMMEND = "recommend"
    END_CLUSTER = "end_cluster"


class Force(StrEnum):
    """Whether members have to follow it (R5.2)."""

    BINDING = "binding"
    RECOMMENDATION = "recommendation"
