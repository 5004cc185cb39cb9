from equity.tenancy.models.base import TenantKey, TenantModel
from equity.tenancy.models.organisation import Organisation, Unit
from equity.tenancy.models.people import ROLE_LABELS, Account, Letter, Membership, Person
from equity.tenancy.models.record import AuditEvent, Job

__all__ = [
    "ROLE_LABELS",
    "Account",
    "AuditEvent",
    "Job",
    "Letter",
    "Membership",
    "Organisation",
    "Person",
    "TenantKey",
    "TenantModel",
    "Unit",
]
