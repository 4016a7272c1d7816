"""Conversations and feedback, kept per user in data_dir/conversations.db.

A user is a key (until there is a log-in, a browser cookie). The schema is plain SQL, so that another database can
take SQLite's place by its address alone.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import JSON, DateTime, ForeignKey, Integer, String, Text, create_engine, func, or_, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship

from assistant.errors import SettingsError

Vote = Literal["up", "down"]
_TITLE = 120
_PENDING = ""


class _Base(DeclarativeBase):
    pass


class _Conversation(_Base):
    __tablename__ = "conversations"
    conversation_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    user_key: Mapped[str] = mapped_column(String(64), index=True)
    title: Mapped[str] = mapped_column(String(_TITLE))
    created_at: Mapped[datetime] = mapped_column(DateTime)
    updated_at: Mapped[datetime] = mapped_column(DateTime, index=True)
    messages: Mapped[list[_Message]] = relationship(
        back_populates="conversation", cascade="all, delete-orphan", order_by="_Message.position"
    )


class _Message(_Base):
    __tablename__ = "messages"
    message_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.conversation_id"), index=True)
    position: Mapped[int] = mapped_column(Integer)
    question: Mapped[str] = mapped_column(Text)
    answer: Mapped[dict[str, Any]] = mapped_column(JSON)
    filters: Mapped[dict[str, Any]] = mapped_column(JSON)
    asked_at: Mapped[datetime] = mapped_column(DateTime)
    conversation: Mapped[_Conversation] = relationship(back_populates="messages")
    feedback: Mapped[_Feedback | None] = relationship(back_populates="message", cascade="all, delete-orphan")


class _Feedback(_Base):
    __tablename__ = "feedback"
    message_id: Mapped[str] = mapped_column(ForeignKey("messages.message_id"), primary_key=True)
    vote: Mapped[str] = mapped_column(String(4))
    note: Mapped[str] = mapped_column(Text)
    given_at: Mapped[datetime] = mapped_column(DateTime)
    outcome: Mapped[str] = mapped_column(String(200))
    message: Mapped[_Message] = relationship(back_populates="feedback")


@dataclass(frozen=True, slots=True)
class Message:
    """A question with its answer, and what the user thought of it.

    Attributes:
        message_id: Its identity.
        question: As asked.
        answer: The answer object of docs/architecture.md.
        filters: The filters that were set.
        vote: "up", "down", or None.
        note: What the user wrote with the vote.
    """

    message_id: str
    question: str
    answer: Mapping[str, Any]
    filters: Mapping[str, Any]
    vote: Vote | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation with its messages, oldest first (none in a listing).

    Attributes:
        updated_at: Time of the last question, UTC.
        size: Number of questions.
    """

    conversation_id: str
    title: str
    updated_at: datetime
    size: int
    messages: tuple[Message, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class PendingFeedback:
    """A thumbs-down that nobody has decided on; `history` holds the questions before it."""

    feedback_id: str
    question: str
    history: tuple[str, ...]
    answer: Mapping[str, Any]
    note: str
    created_at: str


class Conversations:
    """The store; safe to use from several threads, and by several processes.

    Args:
        url: Address of the database, as SQLAlchemy writes it.
    """

    def __init__(self, url: str) -> None:
        self._engine = create_engine(url)
        _Base.metadata.create_all(self._engine)

    @classmethod
    def in_folder(cls, data_dir: Path) -> Conversations:
        """The store of a data folder.

        Raises:
            SettingsError: The folder cannot be written.
        """
        try:
            data_dir.mkdir(parents=True, exist_ok=True)
            return cls(f"sqlite:///{data_dir.resolve() / 'conversations.db'}")
        except (OSError, OperationalError) as error:
            raise SettingsError(f"{data_dir} cannot be written; choose another folder with --data-dir") from error

    @contextmanager
    def _session(self) -> Iterator[Session]:
        with Session(self._engine) as session, session.begin():
            yield session

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    # ---- conversations -----------------------------------------------------------------------------------

    def record(
        self,
        user_key: str,
        conversation_id: str | None,
        question: str,
        answer: Mapping[str, Any],
        filters: Mapping[str, Any],
        *,
        replace_last: bool = False,
    ) -> tuple[str, str]:
        """Keep a question with its answer.

        Args:
            user_key: Whose conversation.
            conversation_id: Where it goes on; None, or one that is not this user's, begins a new one.
            question: As asked.
            answer: The answer object.
            filters: The filters that were set.
            replace_last: Put it in the place of the last question; one that was voted on stays, with the vote and its
                note, and the new one follows it.

        Returns:
            The ids of conversation and message.
        """
        now = _now()
        with self._session() as session:
            conversation = self._own(session, user_key, conversation_id)
            if conversation is None:
                conversation = _Conversation(
                    conversation_id=uuid.uuid4().hex,
                    user_key=user_key,
                    title=_title(question),
                    created_at=now,
                    updated_at=now,
                )
                session.add(conversation)
            elif replace_last and conversation.messages and conversation.messages[-1].feedback is None:
                if len(conversation.messages) == 1 and conversation.title == _title(conversation.messages[0].question):
                    conversation.title = _title(question)
                conversation.messages.pop()
            message = _Message(
                message_id=uuid.uuid4().hex,
                position=max((m.position for m in conversation.messages), default=0) + 1,
                question=question,
                answer=dict(answer),
                filters=dict(filters),
                asked_at=now,
            )
            conversation.messages.append(message)
            conversation.updated_at = now
            session.flush()
            return conversation.conversation_id, message.message_id

    def get(self, user_key: str, conversation_id: str | None) -> Conversation | None:
        """A conversation with its messages; None where this user has none of this id."""
        with self._session() as session:
            found = self._own(session, user_key, conversation_id)
            return _conversation(found, tuple(_message(m) for m in found.messages)) if found else None

    def listed(self, user_key: str, search: str = "", limit: int = 200) -> list[Conversation]:
        """This user's conversations, the latest first, those that hold the searched words in a title or question."""
        query = select(_Conversation).where(_Conversation.user_key == user_key)
        for word in search.split():
            pattern = f"%{_escaped(word.lower())}%"
            asked = select(_Message.conversation_id).where(func.lower(_Message.question).like(pattern, escape="\\"))
            titled = func.lower(_Conversation.title).like(pattern, escape="\\")
            query = query.where(or_(titled, _Conversation.conversation_id.in_(asked)))
        query = query.order_by(_Conversation.updated_at.desc(), _Conversation.conversation_id).limit(limit)
        with self._session() as session:
            return [_conversation(c) for c in session.scalars(query)]

    def rename(self, user_key: str, conversation_id: str, title: str) -> bool:
        """Give a conversation a title; False where this user has none of this id or the title is empty."""
        with self._session() as session:
            found = self._own(session, user_key, conversation_id)
            if found is None or not title.strip():
                return False
            found.title = _title(title)
            return True

    def delete(self, user_key: str, conversation_id: str) -> bool:
        """Delete a conversation with its messages and feedback; False where this user has none of this id."""
        with self._session() as session:
            found = self._own(session, user_key, conversation_id)
            if found is not None:
                session.delete(found)
            return found is not None

    def _own(self, session: Session, user_key: str, conversation_id: str | None) -> _Conversation | None:
        found = session.get(_Conversation, conversation_id) if conversation_id else None
        return found if found is not None and found.user_key == user_key else None

    # ---- feedback ----------------------------------------------------------------------------------------

    def vote(self, user_key: str, message_id: str, vote: Vote | None, note: str = "") -> Message | None:
        """Keep what a user thinks of an answer; no vote takes it back. None where the message is not this user's."""
        with self._session() as session:
            message = session.get(_Message, message_id)
            if message is None or message.conversation.user_key != user_key:
                return None
            if vote is None:
                message.feedback = None
            elif message.feedback is None:
                message.feedback = _Feedback(vote=vote, note=note, given_at=_now(), outcome=_PENDING)
            else:
                message.feedback.vote, message.feedback.note = vote, note
            session.flush()
            return _message(message)

    def pending_feedback(self) -> list[PendingFeedback]:
        """Thumbs-downs of all users that nobody has decided on, oldest first."""
        query = (
            select(_Feedback)
            .where(_Feedback.vote == "down", _Feedback.outcome == _PENDING)
            .order_by(_Feedback.given_at, _Feedback.message_id)
        )
        with self._session() as session:
            return [_pending(f) for f in session.scalars(query)]

    def resolve_feedback(self, feedback_id: str, outcome: str) -> bool:
        """Record what became of a thumbs-down ("case:<id>" or "rejected"); False where it is not there any more."""
        with self._session() as session:
            found = session.get(_Feedback, feedback_id)
            if found is not None:
                found.outcome = outcome
            return found is not None

    def vote_counts(self) -> dict[str, int]:
        """How many thumbs up and down there are."""
        with self._session() as session:
            rows = session.execute(select(_Feedback.vote, func.count()).group_by(_Feedback.vote))
            return {str(vote): int(count) for vote, count in rows}


def _now() -> datetime:
    """UTC without a zone: not every database keeps zones."""
    return datetime.now(UTC).replace(tzinfo=None)


def _title(words: str) -> str:
    line = " ".join(words.split())
    return line if len(line) <= _TITLE else line[: _TITLE - 1].rstrip() + "…"


def _escaped(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _conversation(row: _Conversation, messages: tuple[Message, ...] = ()) -> Conversation:
    return Conversation(row.conversation_id, row.title, row.updated_at.replace(tzinfo=UTC), len(row.messages), messages)


def _message(row: _Message) -> Message:
    given = row.feedback
    vote: Vote | None = None if given is None else "up" if given.vote == "up" else "down"
    return Message(row.message_id, row.question, row.answer, row.filters, vote, given.note if given else "")


def _pending(row: _Feedback) -> PendingFeedback:
    message = row.message
    earlier = tuple(m.question for m in message.conversation.messages if m.position < message.position)
    given_at = row.given_at.replace(tzinfo=UTC).isoformat(timespec="seconds")
    return PendingFeedback(message.message_id, message.question, earlier, message.answer, row.note, given_at)
