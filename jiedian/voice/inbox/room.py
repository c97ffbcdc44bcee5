"""诉求: what customers tell by every channel, as concerns that are merged and answered."""

NAV = [("inbox", "诉求", "voice.view", "客户之声")]

PANELS = [("jiedian.voice.inbox.queries.panel.panel_of", "inbox/_panel.html")]

HANDOVER = ["jiedian.voice.inbox.services.concerns.hand_over"]
