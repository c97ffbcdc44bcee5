"""Names of roles, departments, areas and resources in the reader's language."""

from django import template
from django.utils.translation import get_language

from jiedian.ground.rulebook.services import load

from ..queries import DepartmentRow, ResourceRow, RoleRow, areas, english_names, roles

register = template.Library()


@register.filter
def role_name(code: str) -> str:
    """The name of a role."""
    return _name({row.id: row for row in roles()}, code)


@register.filter
def department_name(code: str) -> str:
    """The name of a department."""
    return _name({row.id: row for row in load("people/departments.csv", DepartmentRow)}, code)


@register.filter
def resource_name(code: str) -> str:
    """The name of something a manager may call on."""
    return _name({row.id: row for row in load("people/resources.csv", ResourceRow)}, code)


@register.filter
def area_name(code: str) -> str:
    """The name of an area."""
    return dict(areas()).get(code, code)


@register.filter
def person_name(name_zh: str) -> str:
    """A name that a case or a fact has kept, in the reader's language where it is one of the staff."""
    if not name_zh or (get_language() or "zh").startswith("zh"):
        return name_zh
    return english_names().get(name_zh, name_zh)


def _name(rows: dict[str, RoleRow] | dict[str, DepartmentRow] | dict[str, ResourceRow], code: str) -> str:
    row = rows.get(code)
    if row is None:
        return code
    return row.name_zh if (get_language() or "zh").startswith("zh") else row.name_en
