"""信息衰减: what became of the customer's points layer by layer; the burden a process puts on him."""

from jiedian.ground.files.importers import Importer

NAV = [("attenuation", "信息衰减", "attenuation.view", "客户之声")]

IMPORTS = [
    Importer(
        kind="handoffs",
        title="导入旧交接单",
        page="attenuation",
        view="attenuation.view",
        permission="attenuation.import",
        columns="jiedian.voice.attenuation.imports.columns_for",
        read="jiedian.voice.attenuation.imports.read_file",
        take="jiedian.voice.attenuation.imports.take_file",
        undo="jiedian.voice.attenuation.imports.undo_file",
        is_whole=True,
    )
]
