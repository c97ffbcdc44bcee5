"""工程到送电: fee, contract, works, inspections, metering, energising."""

STEPS = {
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
}

PANELS = [("jiedian.works.queries.panel", "works/_panel.html")]
