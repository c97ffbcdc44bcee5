"""诉求: what customers tell by every channel, as concerns that are merged and answered."""

NAV = [("inbox", "诉求", "voice.view", "客户之声")]

PANELS = [("", "inbox/_panel.html")]

HANDOVER = ["jiedian.voice.inbox.services.concerns.hand_over"]
