#include "core/evidence/merkle.hpp"

#include <filesystem>

#include <gtest/gtest.h>

#include "core/base/encoding.hpp"
#include "core/base/file.hpp"
#include "core/base/json.hpp"
#include "core/base/testing.hpp"
#include "core/evidence/small_tree.hpp"

namespace signalbox::evidence {
namespace {

namespace fs = std::filesystem;

// The numbers were computed by Go's golang.org/x/mod/sumdb/tlog.
TEST(Merkle, RootOfAThousandLeavesIsThatOfGo) {
  const SmallTree tree(1000);
  EXPECT_EQ(to_base64(as_octets(*tree_root(1000, tree.reader()))),
            "x0pUROLjzF1lG60HZJkl5yI2zKp9KD+p8CJdc4W+XtU=");
  EXPECT_EQ(to_base64(as_octets(empty_root())), "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
  EXPECT_EQ(inclusion_proof(500, 1000, tree.reader())->size(), 10U);
  EXPECT_EQ(consistency_proof(334, 1000, tree.reader())->size(), 10U);
}

TEST(Merkle, CompactRangeHasTheRootOfTheTreeAtEverySize) {
  const SmallTree tree(600);
  CompactRange range;
  for (std::uint64_t size = 0; size <= 600; ++size) {
    ASSERT_EQ(range.root(), *tree_root(size, tree.reader())) << size;
    ASSERT_TRUE(CompactRange::from(range.size(), range.hashes()));
    if (size < 600) range.append(tree.leaf(size));
  }
  EXPECT_FALSE(CompactRange::from(3, {}));
}

TEST(Merkle, EveryProofHoldsAndEveryFlippedBitBreaksIt) {
  const SmallTree tree(70);
  for (std::uint64_t size = 1; size <= 70; ++size) {
    const Sha256 root = *tree_root(size, tree.reader());
    for (std::uint64_t i = 0; i < size; ++i) {
      auto proof = *inclusion_proof(i, size, tree.reader());
      ASSERT_TRUE(verify_inclusion(i, size, tree.leaf(i), proof, root)) << i << " of " << size;
      ASSERT_FALSE(verify_inclusion(i + 1, size, tree.leaf(i), proof, root));
      for (Sha256& hash : proof) {
        hash[i % 32] ^= 1;
        ASSERT_FALSE(verify_inclusion(i, size, tree.leaf(i), proof, root));
        hash[i % 32] ^= 1;
      }
      proof.push_back(root);
      ASSERT_FALSE(verify_inclusion(i, size, tree.leaf(i), proof, root));
    }
    for (std::uint64_t old = 1; old <= size; ++old) {
      const Sha256 old_root = *tree_root(old, tree.reader());
      auto proof = *consistency_proof(old, size, tree.reader());
      ASSERT_TRUE(verify_consistency(old, size, proof, old_root, root)) << old << " to " << size;
      for (Sha256& hash : proof) {
        hash[old % 32] ^= 128;
        ASSERT_FALSE(verify_consistency(old, size, proof, old_root, root));
        hash[old % 32] ^= 128;
      }
    }
  }
}

TEST(Tiles, PathsAreThoseOfTheSpecification) {
  EXPECT_EQ(tile_path({0, 1234067, 256}), "tile/0/x001/x234/067");
  EXPECT_EQ(entries_path({0, 273, 112}), "tile/entries/273.p/112");
  bool is_entries = false;
  EXPECT_EQ(*parse_tile_path("tile/1/x001/x234/067.p/17", is_entries), (Tile{1, 1234067, 17}));
  EXPECT_FALSE(is_entries);
  EXPECT_EQ(*parse_tile_path("tile/entries/000", is_entries), (Tile{0, 0, 256}));
  EXPECT_TRUE(is_entries);
  for (const char* bad : {"tile/1/x000/001", "tile/01/000", "tile/0/000.p/0", "tile/0/000.p/256",
                          "tile/0/000.p/07", "tile/0/1", "tile/0/x001", "tile/0/", "tile/64/000",
                          "tile/0/000/", "tile//000", "tile/0/001/067", "checkpoint", "tile/0/../000"}) {
    EXPECT_FALSE(parse_tile_path(bad, is_entries)) << bad;
  }
}

TEST(Tiles, OfASizeAreThoseOfTheWorkedExample) {
  EXPECT_TRUE(tiles_of(0).empty());
  EXPECT_EQ(tiles_of(256), (std::vector<Tile>{{0, 0, 256}, {1, 0, 1}}));
  const auto tiles = tiles_of(70000);
  ASSERT_EQ(tiles.size(), 273U + 1 + 1 + 1 + 1);
  EXPECT_EQ(tiles[273], (Tile{0, 273, 112}));
  EXPECT_EQ(tiles[274], (Tile{1, 0, 256}));
  EXPECT_EQ(tiles[275], (Tile{1, 1, 17}));
  EXPECT_EQ(tiles[276], (Tile{2, 0, 1}));
}

// The cases hold roots that are no hashes ("don't care"); any injection of these into hashes keeps the
// verdict.
Sha256 hash_of(const Json& item) {
  const std::string octets = *from_base64(item.as_string());
  const auto hash = sha256_from_octets(octets);
  return hash ? *hash : sha256(octets);
}

std::vector<Sha256> hashes(const Json& list) {
  std::vector<Sha256> out;
  for (const Json& item : list.items()) out.push_back(hash_of(item));
  return out;
}

// github.com/transparency-dev/merkle testdata: each file says whether its proof must be refused.
TEST(Merkle, AgreesWithThePublishedCasesGoodAndBad) {
  const auto corpus = testing::corpus_directory();
  if (!corpus) GTEST_SKIP() << "no corpus";
  int cases = 0;
  for (const std::string kind : {"inclusion", "consistency"}) {
    for (const auto& file : fs::recursive_directory_iterator(*corpus / "evidence" / "merkle" / kind)) {
      if (!file.is_regular_file()) continue;
      const auto json = parse_json(*read_file(file.path()), {.exact_integers = false});
      ASSERT_TRUE(json) << file.path();
      const Json& c = *json;
      const auto number = [&](const char* key) {
        return static_cast<std::uint64_t>(c[key].as_integer(-1));
      };  // 2^64 - 1 is among them
      const auto proof = hashes(c["proof"]);
      const Status status = kind == "inclusion"
                                ? verify_inclusion(number("leafIdx"), number("treeSize"),
                                                   hash_of(c["leafHash"]), proof, hash_of(c["root"]))
                                : verify_consistency(number("size1"), number("size2"), proof,
                                                     hash_of(c["root1"]), hash_of(c["root2"]));
      const bool good = status.has_value() && (kind == "consistency" || !c["leafHash"].as_string().empty());
      EXPECT_EQ(good, !c["wantErr"].as_bool()) << file.path() << ": " << c["desc"].as_string();
      ++cases;
    }
  }
  EXPECT_GT(cases, 150);
}

}  // namespace
}  // namespace signalbox::evidence
