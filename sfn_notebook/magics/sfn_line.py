"""``%sfn VERB ...``: finds the verb in the table, reads its options and calls it; it knows no verb by name."""

from sfn_notebook.magics.arguments import parse
from sfn_notebook.magics.session import Session
from sfn_notebook.magics.verbs import find_verb


def run_line(session: Session, line: str) -> object:
    """Do what ``line`` says and return what the verb returns; an empty line asks for help.

    Raises:
        SfnNotebookError: For an unknown verb, option or name, and for what the verb itself refuses.
    """
    name, _, rest = line.strip().partition(" ")
    verb = find_verb(name or "help")
    return verb.body(session, parse(verb.usage, rest))
