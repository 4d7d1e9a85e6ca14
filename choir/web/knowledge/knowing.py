"""Who knows what."""

from django.http import HttpResponse

from choir.knowledge.knowing import who_knows
from choir.people.policy import Permission
from choir.routing.choose import language_name
from choir.web.access import WorkspaceRequest, requires
from choir.web.answers import answer
from choir.web.knowledge.frame import frame


@requires(Permission.KNOWLEDGE_READ)
def people(request: WorkspaceRequest) -> HttpResponse:
    """Topics and languages, each with those who know it and how many questions they answered."""
    known = who_knows(request.workspace.organisation_id, request.workspace.pk)
    context = frame(
        request,
        "people",
        topics=[one for one in known if one.is_topic],
        languages=[(language_name(one.value), one) for one in known if not one.is_topic],
    )
    return answer(request, "knowledge/people.html", context)
