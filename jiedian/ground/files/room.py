"""文件导入: the one life of every file that people hand in."""

REACTIONS = {
    "file.handed": ["jiedian.ground.files.services.read_in"],
    "file.ordered": ["jiedian.ground.files.services.take_in"],
}
