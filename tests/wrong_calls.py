"""Calls that a type checker accepts or, where a comment says so, refuses; they are never run."""

import torch
from torchvision.transforms import v2

import d2laug
from d2laug import augment, data, gallery, show, sound, train
from d2laug.draws import record_draws
from d2laug.widgets import builder, explore

CAT, BATCH, LABELS = d2laug.photo("cat"), torch.rand(8, 3, 32, 32), torch.zeros(8)
NETWORK = train.plain_network(12)

augment.RandomHorizontalFlip(p=0.2)
augment.RandomHorizontalFlip(p="0.2")  # wrong: arg-type
augment.RandomResizedCrop(24, scale=(0.5, 1))
augment.RandomResizedCrop("24")  # wrong: arg-type
augment.RandomCrop(32, padding=(4, 4))
augment.RandomCrop(32, padding="4")  # wrong: arg-type
augment.ColorJitter(0.4, hue=(-0.1, 0.1))
augment.ColorJitter(brightnes=0.4)  # wrong: call-arg
augment.adjust_hue(BATCH, torch.zeros(8))
augment.adjust_hue(CAT.numpy(), 0.1)  # wrong: arg-type
augment.RandomReflection(number=(2, 4)).to("cpu")
augment.RandomReflection(number=2)  # wrong: arg-type
crop = augment.RandomCrop(32)
rows: list[dict[str, int]] = crop.rows(crop.make_params(BATCH))
row: float = crop.rows({})  # wrong: assignment
record_draws(lambda picture: picture)
record_draws("flip")  # wrong: arg-type
data.drink("cola can", 3)
data.drink("cola can", "third")  # wrong: arg-type
data.results("drinks_matrix")["recipes"]["none"]
data.results(7)  # wrong: arg-type
d2laug.show_images([CAT, CAT.numpy()], ["one", "another"], columns=2)
d2laug.show_images([CAT], captions=[1])  # wrong: list-item
d2laug.show_augmented(CAT, v2.RandomHorizontalFlip())
d2laug.show_augmented(CAT, "flip")  # wrong: arg-type
show.show_bars({"flip": "0.98"})  # wrong: dict-item
train.fit(NETWORK, (BATCH, LABELS), epochs=2, optimizer=torch.optim.SGD)[0]["loss"]
train.fit(NETWORK, BATCH)  # wrong: arg-type
train.accuracy(NETWORK, [BATCH])  # wrong: arg-type
gallery.build([("rotate", 0.5, 1)])
gallery.build(["rotate"])  # wrong: list-item
sound.hear(torch.zeros(4000), ["silence"])
sound.mix(torch.zeros(4000), torch.zeros(4000), "10 dB")  # wrong: arg-type
explore.crop(CAT, area=0.5)
explore.crop("cat")  # wrong: arg-type
builder.pipeline("cat", [("rotate", 0.5, 1)])
builder.pipeline("cat", ["rotate"])  # wrong: list-item
d2laug.agument.RandomCrop(8)  # wrong: attr-defined
