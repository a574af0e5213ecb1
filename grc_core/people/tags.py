"""Tags: words that staff and rules give to contacts."""

from collections.abc import Iterable

from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import select

from ..errors import InvalidContact
from ..storage.contact_models import TagRow
from .contact import Contact
from .text import TAG
from .text import clean
from .work import Work
from .work import inserting
from .work import members
from .work import root_of


class Tags:
    """Give tags to contacts and take them away."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def add(self, contact: Contact | str, tags: Iterable[str]) -> None:
        """Give a contact tags; those it has already stay."""
        names = [tag_key(tag) for tag in tags]
        with self._work.writing() as connection:
            root = root_of(connection, contact)
            rows = [{"tag": name, "root_id": root, "contact_id": root} for name in names]
            if rows:
                connection.execute(inserting(connection, TagRow).on_conflict_do_nothing(), rows)

    def remove(self, contact: Contact | str, tags: Iterable[str]) -> None:
        """Take tags from a contact, and from those that were merged into it."""
        names = [tag_key(tag) for tag in tags]
        with self._work.writing() as connection:
            group = list(members(connection, [root_of(connection, contact)]))
            mine = TagRow.contact_id.in_(group)
            connection.execute(delete(TagRow).where(mine, TagRow.tag.in_(names)))

    def all(self) -> dict[str, int]:
        """Return every tag with the number of contacts that have it."""
        people = func.count(func.distinct(TagRow.root_id))
        query = select(TagRow.tag, people).group_by(TagRow.tag).order_by(TagRow.tag)
        with self._work.reading() as connection:
            return {row.tag: row[1] for row in connection.execute(query)}


def tag_key(tag: str) -> str:
    """Return a tag as it is stored: cleaned and lower-case."""
    name = clean(tag, "a tag", TAG).lower()
    if not name:
        raise InvalidContact("a tag needs a name")
    return name
