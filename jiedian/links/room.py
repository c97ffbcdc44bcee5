"""接口: mail, SMS, WeChat, the payment port and the signed webhook; outbox and dead letters."""

from pathlib import Path

NAV = [("links", "接口", "links.view", "管理")]

JOBS = ["jiedian.links.services", "jiedian.links.jobs"]

COMMANDS = {"check-links": ("let every gateway examine itself", "jiedian.links.commands:check_links")}

WIRES = sorted(path.parent.name for path in Path(__file__).parent.glob("*/client.py"))
"""One folder a wire, with client, mapping, check and fake."""

GATEWAYS = {wire: f"jiedian.links.{wire}.client.send" for wire in WIRES}

CHECKS = {wire: f"jiedian.links.{wire}.check.check" for wire in WIRES}
