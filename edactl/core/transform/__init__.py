"""What a rule's target gets of an event, offline: Input, InputPath and InputTransformer.

>>> from datetime import UTC, datetime
>>> from edactl.core.bus import Target
>>> target = Target("1", "arn:aws:sqs:eu-west-1:123456789012:orders", input_path="$.detail.n")
>>> compiled = compile_target_input(target, rule_arn="", rule_name="au")
>>> compiled.body('{"detail": {"n": 1.50}}', ingestion_time=datetime.now(UTC))
Delivered(text='1.50')
"""

from edactl.core.transform.compiled import CompiledInput, compile_target_input
from edactl.core.transform.error import TransformError
from edactl.core.transform.outcome import Delivered, NoInput, NotDelivered, Outcome
from edactl.core.transform.parameter import parameter_value

__all__ = [
    "CompiledInput",
    "Delivered",
    "NoInput",
    "NotDelivered",
    "Outcome",
    "TransformError",
    "compile_target_input",
    "parameter_value",
]
