"""`task run --image`: the revision that it needs, found or registered."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from edactl.core.task_revision import Revision, checked_image, with_image

if TYPE_CHECKING:
    from edactl.aws.session import AwsSession
    from edactl.cli.context import CommandContext
    from edactl.core.task import TaskDefinition
    from edactl.core.task_request import TaskRequest


@dataclass(frozen=True)
class NewImage:
    """The image that was asked for, if any, and whether its revision may be registered unasked."""

    image: str
    yes: bool

    def checked(self) -> NewImage:
        """The same. Raises InputError for what is no image."""
        return replace(self, image=checked_image(self.image)) if self.image else self

    def revision(
        self, context: CommandContext, session: AwsSession, base: TaskDefinition, container: str
    ) -> TaskDefinition | Revision:
        """What is to be run: a definition that has the image already, or one to be registered.

        The newest of the family serves when it is what would be registered: who runs the same
        command again leaves one revision, not one a run.
        """
        before = next(one.image for one in base.containers if one.name == container)
        if not self.image:
            return base
        if self.image == before:
            context.messages.note(f"{base.name} has the image {self.image} already")
            return base
        from edactl.aws.task_revisions import TaskRevisions

        revisions = TaskRevisions(session)
        _, whole = revisions.document(base.arn)
        document = with_image(whole, container, self.image)
        newest, of_newest = revisions.document(base.family)
        if of_newest == document:
            context.messages.note(f"{newest.name} is {base.name} with {self.image} already")
            return newest
        return Revision(base.family, base.name, container, before, self.image, document)

    def definition(
        self, context: CommandContext, session: AwsSession, revision: TaskDefinition | Revision
    ) -> TaskDefinition:
        """The definition to run, registered where it must be. Raises UsageError and Declined."""
        if not isinstance(revision, Revision):
            return revision
        context.messages.confirm(
            f"Register {revision.change} as the newest revision of {revision.family}, and run it?",
            yes=self.yes,
        )
        from edactl.aws.task_revisions import TaskRevisions

        made = TaskRevisions(session).register(revision.document)
        context.messages.note(
            f"registered {made.name}: {revision.change}. To take it back: aws ecs"
            f" deregister-task-definition --task-definition {made.name}"
        )
        return made


def request_for(request: TaskRequest, revision: TaskDefinition | Revision) -> TaskRequest:
    """The request as it will be: a revision not yet registered will be its family's newest."""
    if isinstance(revision, Revision):
        return replace(request, task_definition=revision.family)
    return replace(request, task_definition=revision.arn)
