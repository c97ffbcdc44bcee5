"""Stand-in for a mail gateway: real SMTP, keeps nothing on disk, and fails on purpose now and then."""

import argparse
import asyncio
from typing import Any

from aiosmtpd.smtp import SMTP


class StandIn:
    """Takes mail; every nth message is turned away with 421."""

    def __init__(self, fail_every: int) -> None:
        self.fail_every, self.count = fail_every, 0

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        self.count += 1
        if self.fail_every and self.count % self.fail_every == 0:
            return "421 stand-in: injected fault"
        print(f"stand-in mail {self.count}", flush=True)
        return "250 stand-in: taken"


async def serve(port: int, fail_every: int) -> None:
    """Listen until killed."""
    handler = StandIn(fail_every)
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(handler, ident="jiedian stand-in, not a mail gateway"), "127.0.0.1", port
    )
    print(f"stand-in mail gateway on port {port}", flush=True)
    await server.serve_forever()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--fail-every", type=int, default=0)
    options = parser.parse_args()
    asyncio.run(serve(options.port, options.fail_every))


if __name__ == "__main__":
    main()
