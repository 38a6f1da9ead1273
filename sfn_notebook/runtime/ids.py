"""Names, ARNs and seeded identifiers; nothing of the things that they name."""

import secrets
from dataclasses import dataclass
from random import Random
from typing import Final


@dataclass(frozen=True, kw_only=True, slots=True)
class Account:
    """The AWS account and Region that ARNs of this notebook speak of."""

    region: str = "us-east-1"
    account_id: str = "123456789012"
    partition: str = "aws"

    def state_machine_arn(self, name: str) -> str:
        """ARN of a state machine."""
        return f"arn:{self.partition}:states:{self.region}:{self.account_id}:stateMachine:{name}"

    def execution_arn(self, machine_name: str, execution_name: str) -> str:
        """ARN of a STANDARD execution."""
        return f"arn:{self.partition}:states:{self.region}:{self.account_id}:execution:{machine_name}:{execution_name}"

    def express_arn(self, machine_name: str, execution_name: str, run_id: str) -> str:
        """ARN of an EXPRESS execution."""
        base = f"arn:{self.partition}:states:{self.region}:{self.account_id}:express"
        return f"{base}:{machine_name}:{execution_name}:{run_id}"

    def function_arn(self, name: str) -> str:
        """ARN of a Lambda function, without qualifier."""
        return f"arn:{self.partition}:lambda:{self.region}:{self.account_id}:function:{name}"

    def activity_arn(self, name: str) -> str:
        """ARN of an activity."""
        return f"arn:{self.partition}:states:{self.region}:{self.account_id}:activity:{name}"

    def role_arn(self, name: str) -> str:
        """ARN of an IAM role."""
        return f"arn:{self.partition}:iam::{self.account_id}:role/{name}"


DEFAULT_ACCOUNT: Final = Account()


def seeded_uuid(random: Random) -> str:
    """A version 4 UUID drawn from ``random``: the same seed gives the same id."""
    # Written out, since uuid.UUID takes four times as long, and every invocation needs an id.
    digits = f"{random.getrandbits(128):032x}"
    variant = "89ab"[int(digits[16], 16) & 3]
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"


class IdSource:
    """Identifiers in an order that a seed repeats; the generator is made when the first one is drawn."""

    __slots__ = ("_random", "_seed")

    def __init__(self, seed: str) -> None:
        self._seed = seed
        self._random: Random | None = None

    def uuid(self) -> str:
        """The next version 4 UUID."""
        if self._random is None:
            self._random = Random(self._seed)  # noqa: S311 - ids must repeat for a seed; nothing secret is drawn
        return seeded_uuid(self._random)


def fresh_seed() -> int:
    """A seed that differs every time, for a run that asks for one."""
    return secrets.randbits(63)
