"""What is promised to customers, and which replies need approval."""

from django.http import HttpResponse

from choir.outbound.models import ApprovalPolicy
from choir.people.policy import Permission
from choir.routing.models import SLAPolicy, TeamPolicy
from choir.web.access import WorkspaceRequest, requires
from choir.web.answers import answer
from choir.web.settings.frame import frame


@requires(Permission.PEOPLE_READ)
def promises(request: WorkspaceRequest) -> HttpResponse:
    """The SLA policies, the approval policies and how teams assign."""
    organisation = request.workspace.organisation_id
    context = frame(
        request,
        "promises",
        policies=SLAPolicy.objects.filter(organisation=organisation)
        .select_related("objective")
        .order_by("objective__position", "urgency_at_least"),
        approvals=ApprovalPolicy.objects.filter(organisation=organisation).select_related("objective", "department"),
        team_policies=TeamPolicy.objects.filter(team__department__organisation=organisation).select_related("team"),
    )
    return answer(request, "settings/promises.html", context)
