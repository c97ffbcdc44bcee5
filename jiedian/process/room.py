"""流程: BPMN definitions, runs and steps."""

NAV = [("processes", "流程", "process.view", "管理")]
