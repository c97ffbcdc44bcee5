"""渠道: mail, WeChat, webhooks, hotline files, letters, the public's form and the kiosk."""

JOBS = ["jiedian.voice.channels.jobs"]
