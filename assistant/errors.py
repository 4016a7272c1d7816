"""Every error that a user can meet, drawn as a tree.

    AssistantError
    ├── SettingsError        a setting or an option is unknown or out of range
    ├── WriteError           a file cannot be written
    ├── SourceError          a file or folder cannot be taken in
    │   ├── UnreadableSource     missing, empty, binary, encrypted, truncated, too large
    │   ├── StandardNotPlan      the text of a known standard was given as a plan
    │   └── ManifestError        a manifest, licence or taxonomy file does not parse
    ├── CorpusError          packaged or overlay corpus data is not consistent
    ├── IndexProblem         the index cannot be used
    │   ├── IndexMissing         nothing has been indexed yet
    │   ├── IndexMismatch        built with another encoder, tokenizer or form
    │   └── IndexBusy            another process is writing
    ├── UnknownCitation      an id that does not resolve exactly
    ├── EngineError          a language model cannot be reached, or answers with something unusable
    ├── PromptError          a prompt file is missing or lacks a variable
    ├── CaseError            an eval case or run folder is malformed
    ├── WorkshopError        a workshop pack cannot be built honestly
    │   └── CheckFailed          a citation, a provision or a licence would be broken
    └── CoverageError        a coverage map cannot be made

Each message is one line and says what to do next. Only the interfaces (command line, web chat,
pytest plugin) catch `AssistantError`; errors of dependencies are translated where they are called.
"""

from __future__ import annotations


class AssistantError(Exception):
    """Root of all errors that a user can mend; `str(error)` is one line that names the remedy."""


class SettingsError(AssistantError):
    """A setting or option is unknown or out of range."""


class WriteError(AssistantError):
    """A file or folder cannot be written."""


class SourceError(AssistantError):
    """A source cannot be taken in."""


class UnreadableSource(SourceError):
    """The file is missing, empty, binary, encrypted, truncated or too large."""


class StandardNotPlan(SourceError):
    """The file is the text of a known standard; `str(error)` is its label."""


class ManifestError(SourceError):
    """A manifest, licence or taxonomy file does not parse or is not complete."""


class CorpusError(AssistantError):
    """Packaged or overlay corpus data contradict each other."""


class IndexProblem(AssistantError):
    """The index cannot be used as it is."""


class IndexMissing(IndexProblem):
    """Nothing has been indexed in this data folder yet."""


class IndexMismatch(IndexProblem):
    """The index was built with another encoder, tokenizer or form."""


class IndexBusy(IndexProblem):
    """Another process is writing to this data folder."""


class UnknownCitation(AssistantError):
    """A citation id does not resolve exactly."""


class EngineError(AssistantError):
    """A language model cannot be reached or gives nothing usable."""


class PromptError(AssistantError):
    """A prompt file is missing, or a variable of it was not given."""


class CaseError(AssistantError):
    """An eval case, answer file or run folder is malformed."""


class WorkshopError(AssistantError):
    """A workshop pack cannot be built honestly."""


class CheckFailed(WorkshopError):
    """The pack must not be built: a citation, a provision or a licence would be broken."""


class CoverageError(AssistantError):
    """A coverage map cannot be made from what was given."""
