"""Why a task did not start, or was lost, and whether to try again: one table.

The first row that fits decides; what fits none is never tried again. Sources: ECS API reference,
RunTask, "API failure reasons" and "Stopped task error codes" of the ECS developer guide, and
reports of operators where AWS documents no text (wordings of quotas are unverified).
"""

from __future__ import annotations

from edactl.core.task_failure_rule import FailureClass, FailureRule, Where

_C = FailureClass
_ANY, _REFUSED = r".*", r"ClientException|InvalidParameterException"
_MORE_ZONES = (
    "name subnets of more zones, or another CPU and memory size; --spot has --fallback on-demand"
)
_SLOWER = "fewer launches at once; raise the API's rate in Service Quotas"
_IMAGE = "docker pull it yourself; check the tag, the registry's policy, and the execution role"
_NETWORK = "check the subnet's route (NAT or VPC endpoints), --public-ip, and the security group"

RULES: tuple[FailureRule, ...] = (
    # failures of an answer
    FailureRule(
        "failure",
        _ANY,
        r"capacity is unavailable",
        _C.CAPACITY,
        "AWS has no capacity for it now",
        _MORE_ZONES,
    ),
    FailureRule(
        "failure",
        _ANY,
        r"reached the limit on the number of",
        _C.QUOTA,
        "the account's quota of running vCPUs or tasks is used up",
        "wait for tasks to end, or raise the Fargate quota in Service Quotas",
    ),
    FailureRule(
        "failure",
        _ANY,
        r"^(RESOURCE:|AGENT$)",
        _C.CAPACITY,
        "no container instance has room for it",
        "add instances, or ask for less",
    ),
    FailureRule(
        "failure",
        _ANY,
        r"^(LOCATION|ATTRIBUTE|INACTIVE|MISSING)",
        _C.CONFIGURATION,
        "no container instance of the cluster may run it",
        "check placement constraints, instance attributes and the cluster",
    ),
    # errors instead of an answer
    FailureRule(
        "error",
        r"Throttl.*|RequestLimitExceeded|TooManyRequestsException|429",
        _ANY,
        _C.THROTTLE,
        "AWS throttles the launches",
        _SLOWER,
    ),
    FailureRule(
        "error",
        r"InvalidParameterException",
        r"ErrorCode: (Throttling|RequestLimitExceeded)",
        _C.THROTTLE,
        "EC2 throttles ECS while it looks up the network",
        _SLOWER,
    ),
    FailureRule(
        "error",
        r"ServerException|Internal.*|ServiceUnavailable.*|5\d\d",
        _ANY,
        _C.TRANSIENT,
        "ECS failed inside",
        "wait; health.aws.amazon.com tells of outages",
    ),
    FailureRule(
        "error",
        r"Unreachable",
        _ANY,
        _C.TRANSIENT,
        "no answer came from ECS",
        "check the network and --endpoint-url",
    ),
    FailureRule(
        "error",
        _REFUSED,
        r"provisioning.*limit exceeded",
        _C.QUOTA,
        "too many tasks of the cluster are being provisioned",
        "wait for them to start, or use another cluster",
    ),
    FailureRule(
        "error",
        _REFUSED,
        r"taskdefinition.*inactive",
        _C.CONFIGURATION,
        "the task definition is inactive",
        "name an active revision, or the family alone",
    ),
    FailureRule(
        "error",
        _REFUSED,
        r"no container instances",
        _C.CONFIGURATION,
        "the cluster has no container instances",
        "--launch-type FARGATE, --spot, or register instances",
    ),
    FailureRule(
        "error",
        _REFUSED,
        r"capacity provider",
        _C.CONFIGURATION,
        "the cluster may not use that capacity provider",
        "aws ecs put-cluster-capacity-providers associates it with the cluster",
    ),
    FailureRule(
        "error",
        _REFUSED,
        r"no fargate configuration exists",
        _C.CONFIGURATION,
        "Fargate runs no task of that size",
        "--cpu and --memory in one of Fargate's pairs",
    ),
    FailureRule(
        "error",
        r"ClusterNotFoundException",
        _ANY,
        _C.CONFIGURATION,
        "the cluster does not exist",
        "aws ecs list-clusters",
    ),
    FailureRule(
        "error",
        r"AccessDenied.*",
        r"iam:PassRole",
        _C.CONFIGURATION,
        "the caller may not pass the task's roles to ECS",
        "allow iam:PassRole on the task role and the execution role",
    ),
    FailureRule(
        "error",
        r"ConflictException",
        _ANY,
        _C.CONFIGURATION,
        "the idempotency key was used for another request",
        "another --idempotency-key, or the same options as before",
    ),
    # why a task stopped: by code, then by words
    FailureRule(
        "stop",
        r"SpotInterruption|TerminationNotice",
        _ANY,
        _C.INTERRUPTED,
        "AWS took the Spot capacity back; its work may be half done",
        "run it again, with --fallback on-demand, or without --spot",
    ),
    FailureRule(
        "stop",
        r"InfrastructureHealth",
        _ANY,
        _C.INTERRUPTED,
        "AWS lost the host; the task's work may be half done",
        "look, then run it again",
    ),
    FailureRule(
        "stop",
        _ANY,
        r"timeout waiting for (network interface|ephemeralstorage)",
        _C.TRANSIENT,
        "AWS did not get the network interface or disk ready in time",
        "wait, and try subnets of other zones",
    ),
    FailureRule(
        "stop",
        _ANY,
        r"capacity is unavailable",
        _C.CAPACITY,
        "AWS has no capacity for it now",
        _MORE_ZONES,
    ),
    FailureRule(
        "stop",
        _ANY,
        r"unexpected ec2 error while attempting to create network interface",
        _C.TRANSIENT,
        "EC2 failed to make the network interface",
        "wait",
    ),
    FailureRule(
        "stop",
        _ANY,
        r"service discovery instance could not be registered",
        _C.TRANSIENT,
        "service discovery did not take the task",
        "wait",
    ),
    FailureRule(
        "stop",
        _ANY,
        r"CannotPull.*(i/o timeout|\bEOF\b|invalid argument)",
        _C.TRANSIENT,
        "the image's registry did not answer in time",
        _NETWORK,
    ),
    FailureRule(
        "stop",
        _ANY,
        r"CannotPull.*(not found|manifest unknown|does not exist)",
        _C.CONFIGURATION,
        "the image does not exist",
        _IMAGE,
    ),
    FailureRule(
        "stop",
        _ANY,
        r"CannotPull",
        _C.CONFIGURATION,
        "the image could not be pulled",
        f"{_IMAGE}; {_NETWORK}",
    ),
    FailureRule(
        "stop",
        _ANY,
        r"ResourceInitializationError.*(log group|log stream|cloudwatch)",
        _C.CONFIGURATION,
        "its log group does not exist or may not be written",
        "make the log group, or allow the execution role logs:CreateLogStream",
    ),
    FailureRule(
        "stop",
        _ANY,
        r"ResourceInitializationError",
        _C.CONFIGURATION,
        "ECS could not get its secrets, its logs or its registry login",
        f"check the execution role; {_NETWORK}",
    ),
    FailureRule(
        "stop",
        _ANY,
        r"CannotStartContainer|CannotCreateContainer",
        _C.CONFIGURATION,
        "the container could not be started",
        "check the command, the entry point and user",
    ),
)

_UNKNOWN_SAYS: dict[Where, str] = {
    "failure": "ECS did not start it",
    "error": "ECS refused it",
    "stop": "it stopped",
}


def classify(where: Where, code: str, text: str) -> FailureRule:
    """The row of the table that a failure is of; one of class unknown when it is of none."""
    for rule in RULES:
        if rule.fits(where, code, text):
            return rule
    return FailureRule(where, _ANY, _ANY, _C.UNKNOWN, _UNKNOWN_SAYS[where], "read AWS's own words")
