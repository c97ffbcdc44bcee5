"""信息衰减: what became of the customer's points layer by layer; the burden a process puts on him."""

NAV = [("attenuation", "信息衰减", "attenuation.view", "客户之声")]
