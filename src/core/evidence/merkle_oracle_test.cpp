// Our tree beside Go's golang.org/x/mod/sumdb/tlog: every size to 2,000, every pair of sizes to 300.
#include <gtest/gtest.h>

#include "core/base/encoding.hpp"
#include "core/base/process.hpp"
#include "core/base/testing.hpp"
#include "core/base/text.hpp"
#include "core/evidence/small_tree.hpp"

namespace signalbox::evidence {
namespace {

std::vector<std::string> hex(const std::vector<Sha256>& hashes) {
  std::vector<std::string> out;
  for (const Sha256& hash : hashes) out.push_back(to_hex(hash));
  return out;
}

TEST(MerkleOracle, RootsAndProofsAreThoseOfGo) {
  if (!find_program("go")) GTEST_SKIP() << "no go: apt-get install golang golang-golang-x-mod-dev";
  const auto program = testing::source_directory() / "src/core/evidence/testdata/tlog_oracle.go";
  const auto go = run_process({"go", "run", program.string()},
                              {.environment = {{"GO111MODULE", "off"}, {"GOPATH", "/usr/share/gocode"}},
                               .deadline = std::chrono::minutes(4)});
  ASSERT_TRUE(go) << go.error().message;
  ASSERT_EQ(go->exit_code, 0) << go->errors;
  const SmallTree tree(2000);
  std::size_t compared = 0;
  for (const std::string_view line : lines(go->output)) {
    const auto words = split(line, ' ');
    const auto number = [&](std::size_t i) { return static_cast<std::uint64_t>(*parse_integer(words[i])); };
    std::vector<std::string> ours;
    std::size_t skip = 3;
    if (words[0] == "root") {
      skip = 2;
      ours = {to_hex(*tree_root(number(1), tree.reader()))};
    } else if (words[0] == "inclusion") {
      ours = hex(*inclusion_proof(number(1), number(2), tree.reader()));
    } else {
      ours = hex(*consistency_proof(number(1), number(2), tree.reader()));
    }
    const std::vector<std::string> theirs(words.begin() + static_cast<std::ptrdiff_t>(skip), words.end());
    ASSERT_EQ(ours, theirs) << words[0] << " " << words[1];
    ++compared;
  }
  EXPECT_EQ(compared, 2000U + 2000U + 300U * 301U / 2U);
}

}  // namespace
}  // namespace signalbox::evidence
