"""诉求分类: the classifier of tellings, its versions and labels."""

NAV = [("classifier", "诉求分类", "classifier.view", "客户之声")]

JOBS = ["jiedian.voice.classify.jobs"]
