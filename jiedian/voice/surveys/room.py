"""问卷: instruments, invitations, answers, files of answers."""

from jiedian.ground.files.importers import Importer

NAV = [("surveys", "问卷", "survey.view", "客户之声")]

REACTIONS = {
    "case.scheme_replied": ["jiedian.voice.surveys.reactions.ask_customer"],
    "case.energised": ["jiedian.voice.surveys.reactions.ask_customer"],
    "case.accepted": ["jiedian.voice.surveys.reactions.ask_customer"],
}

JOBS = ["jiedian.voice.surveys.jobs"]

IMPORTS = [
    Importer(
        kind="answers",
        title="导入答卷",
        page="surveys",
        view="survey.view",
        permission="survey.import",
        columns="jiedian.voice.surveys.services.answer_files.columns_for",
        read="jiedian.voice.surveys.services.answer_files.read_file",
        take="jiedian.voice.surveys.services.answer_files.take_file",
        undo="jiedian.voice.surveys.services.answer_files.undo_file",
        is_whole=False,
    )
]
