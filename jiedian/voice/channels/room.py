"""渠道: mail, WeChat, webhooks, hotline files, letters, the public's form and the kiosk."""

from jiedian.ground.files.importers import Importer

JOBS = ["jiedian.voice.channels.jobs"]

IMPORTS = [
    Importer(
        kind="tickets",
        title="导入工单",
        page="batches",
        view="voice.import",
        permission="voice.import",
        columns="jiedian.voice.channels.services.ticket_files.columns_for",
        read="jiedian.voice.channels.services.ticket_files.read_file",
        take="jiedian.voice.channels.services.ticket_files.take_file",
        undo="jiedian.voice.channels.services.ticket_files.undo_file",
        is_whole=False,
    )
]
