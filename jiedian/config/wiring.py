"""How the bottom reaches the top without importing it: four tables of dotted names, resolved once."""

MAY = "jiedian.people.queries.may"
"""Answers whether a person may do an action, and why not."""

STEPS: dict[str, tuple[str, str]] = {
    "ACCEPT": ("jiedian.cases.forms.AcceptForm", "jiedian.cases.services.survey.accept_with"),
    "SURVEY": ("jiedian.cases.forms.SurveyForm", "jiedian.cases.services.survey.survey"),
    "SCHEME_DRAFT": ("jiedian.plans.forms.SchemeForm", "jiedian.plans.services.schemes.draft"),
    "COUNTERSIGN": ("jiedian.plans.forms.CountersignForm", "jiedian.plans.services.schemes.countersign"),
    "SCHEME_REPLY": ("jiedian.plans.forms.ReplyForm", "jiedian.plans.services.schemes.reply"),
    "SCHEME_SIGN": ("jiedian.plans.forms.SignForm", "jiedian.plans.services.schemes.accept"),
    "FEE_DETERMINE": ("jiedian.works.forms.FeeForm", "jiedian.works.services.determine_fee"),
    "FEE_COLLECT": ("jiedian.works.forms.PaymentForm", "jiedian.works.services.collect_fee"),
    "CONTRACT_DRAFT": ("jiedian.works.forms.ContractForm", "jiedian.works.services.draft_contract"),
    "CONTRACT_SIGN": ("jiedian.works.forms.SignatureForm", "jiedian.works.services.sign_contract"),
    "GRID_WORKS": ("jiedian.works.forms.GridWorksForm", "jiedian.works.services.finish_grid_works"),
    "METER_ALLOC": ("jiedian.works.forms.AllocationForm", "jiedian.works.services.allot_meter"),
    "METER_INSTALL": ("jiedian.works.forms.InstallationForm", "jiedian.works.services.install_meter"),
    "CUSTOMER_DESIGN": ("jiedian.works.forms.DesignForm", "jiedian.works.services.hand_in_design"),
    "DESIGN_REVIEW": ("jiedian.works.forms.InspectionForm", "jiedian.works.services.inspect"),
    "CUSTOMER_WORKS": (
        "jiedian.works.forms.CustomerWorksForm",
        "jiedian.works.services.finish_customer_works",
    ),
    "MID_INSPECTION": ("jiedian.works.forms.InspectionForm", "jiedian.works.services.inspect"),
    "MID_RECTIFY": ("jiedian.works.forms.RectifyForm", "jiedian.works.services.rectify"),
    "COMPLETION_APPLY": ("jiedian.works.forms.CompletionForm", "jiedian.works.services.report_completion"),
    "COMPLETION_CHECK": ("jiedian.works.forms.InspectionForm", "jiedian.works.services.inspect"),
    "RECTIFY": ("jiedian.works.forms.RectifyForm", "jiedian.works.services.rectify"),
    "ENERGISE": ("jiedian.works.forms.EnergiseForm", "jiedian.works.services.energise"),
    "ARCHIVE": ("jiedian.cases.forms.ArchiveForm", "jiedian.cases.services.survey.archive"),
    "CALLBACK": ("jiedian.cases.forms.CallbackForm", "jiedian.cases.services.survey.call_back"),
}
"""BPMN step id → the form and the verb of the room that owns the matter."""

REACTIONS: dict[str, list[str]] = {
    "notice.issued": ["jiedian.cases.reactions.tell_accepted"],
    "case.scheme_replied": [
        "jiedian.cases.reactions.tell_scheme_ready",
        "jiedian.voice.reactions.ask_customer",
    ],
    "case.energised": [
        "jiedian.cases.reactions.tell_energised",
        "jiedian.voice.reactions.ask_customer",
        "jiedian.plans.reactions.connected",
    ],
    "case.accepted": ["jiedian.voice.reactions.ask_customer", "jiedian.plans.reactions.answer"],
    "paper.asked": ["jiedian.cases.reactions.tell_paper_asked"],
    "people.absence": ["jiedian.cases.reactions.cover_absent"],
    "history.asked": ["jiedian.cases.services.history.take_in"],
    "grid.import_asked": ["jiedian.grid.services.imports.read_asked"],
    "grid.work_asked": ["jiedian.grid.services.waiting.carry_out"],
    "case.surveyed": ["jiedian.plans.reactions.answer"],
    "case.withdrawn": ["jiedian.plans.reactions.let_go"],
    "case.terminated": ["jiedian.plans.reactions.let_go"],
}
"""Fact → what runs when it is read; a reaction may run twice and must not care."""

PANELS: tuple[str, ...] = ("plans/_panel.html", "works/_panel.html", "voice/_panel.html")
"""What each room shows on the case screen: templates that read ``case``."""

HANDOVER: tuple[str, ...] = (
    "jiedian.cases.services.desks.hand_over",
    "jiedian.voice.services.concerns.hand_over",
)
"""Called with from_user, to_user, actor, at when a desk changes hands."""

NAV: tuple[tuple[str, str, str, str], ...] = (
    ("today", "今日", "today.view", "办件"),
    ("desk", "我的工作台", "desk.view", "办件"),
    ("department", "部门", "department.view", "办件"),
    ("cases", "工单", "case.view", "办件"),
    ("inbox", "诉求", "voice.view", "客户之声"),
    ("classifier", "诉求分类", "classifier.view", "客户之声"),
    ("hotspots", "诉求热点", "hotspots.view", "客户之声"),
    ("surveys", "问卷", "survey.view", "客户之声"),
    ("gaps", "感知差距", "gaps.view", "客户之声"),
    ("attenuation", "信息衰减", "attenuation.view", "客户之声"),
    ("visits", "明察暗访", "visits.results", "客户之声"),
    ("visits_mine", "我的走访", "visits.mine", "客户之声"),
    ("grid", "电网", "grid.view", "电网"),
    ("schemes", "供电方案", "plans.view", "电网"),
    ("processes", "流程", "process.view", "管理"),
    ("people", "人员", "people.view", "管理"),
    ("history", "历史导入", "history.view", "管理"),
    ("links", "接口", "links.view", "管理"),
    ("journal", "业务日志", "journal.view", "管理"),
)
"""URL name, label (a msgid), permission, and the group it stands in (a msgid); groups show in this order."""
