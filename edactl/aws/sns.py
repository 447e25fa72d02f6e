"""SNS: the subscriptions of queues to topics."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from edactl.core.feed import SubscriptionSettings, TopicFeed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edactl.aws.session import AwsSession


class SnsTopics:
    """The topics of one account and region. Every error is an AwsError or one of its kinds."""

    def __init__(self, session: AwsSession) -> None:
        self._session = session

    def feeding(self, queue_arn: str) -> Iterator[TopicFeed]:
        """The topics that deliver to this queue; reads every subscription of the account.

        SNS cannot be asked by subscriber. One page is 100 subscriptions.
        """
        for raw in self._session.pages(
            "sns", "list_subscriptions", items="Subscriptions", resource="subscriptions"
        ):
            if raw.get("Protocol") == "sqs" and raw.get("Endpoint") == queue_arn:
                yield TopicFeed(raw["TopicArn"], raw["SubscriptionArn"])

    def settings(self, subscription_arn: str) -> SubscriptionSettings:
        """How the topic delivers to this subscriber."""
        answer = self._session.call(
            "sns",
            "get_subscription_attributes",
            resource=f'subscription "{subscription_arn}"',
            SubscriptionArn=subscription_arn,
        )
        raw: dict[str, str] = answer.get("Attributes", {})
        return SubscriptionSettings(
            raw_message_delivery=raw.get("RawMessageDelivery") == "true",
            filter_policy=raw.get("FilterPolicy") or None,
            filter_policy_scope=raw.get("FilterPolicyScope") or None,
        )

    def check(self, topic_arn: str) -> None:
        """Return when the topic is there. Raises NotFound."""
        name = topic_arn.rpartition(":")[2]
        self._session.call(
            "sns", "get_topic_attributes", resource=f'topic "{name}"', TopicArn=topic_arn
        )

    def subscribe_queue(
        self, topic_arn: str, queue_arn: str, settings: SubscriptionSettings
    ) -> str:
        """Subscribe a queue to a topic; gives the subscription's ARN."""
        attributes = {"RawMessageDelivery": "true" if settings.raw_message_delivery else "false"}
        if settings.filter_policy is not None:
            attributes["FilterPolicy"] = settings.filter_policy
            if settings.filter_policy_scope is not None:
                attributes["FilterPolicyScope"] = settings.filter_policy_scope
        answer: dict[str, Any] = self._session.call(
            "sns",
            "subscribe",
            resource=f'topic "{topic_arn}"',
            TopicArn=topic_arn,
            Protocol="sqs",
            Endpoint=queue_arn,
            Attributes=attributes,
            ReturnSubscriptionArn=True,
        )
        return str(answer["SubscriptionArn"])

    def unsubscribe(self, subscription_arn: str) -> None:
        """End a subscription."""
        self._session.call(
            "sns",
            "unsubscribe",
            resource=f'subscription "{subscription_arn}"',
            SubscriptionArn=subscription_arn,
        )
