#include "commands/evidence/command_fixture.hpp"
#include "core/base/digest.hpp"

namespace signalbox::evidence_command {
namespace {

class AddSbom : public CommandTest {
 protected:
  // A bill of materials of a file with that SHA-256.
  std::string bill_of(const std::string& sha256_hex) const {
    return write("bill.json",
                 R"({"bomFormat":"CycloneDX","specVersion":"1.6","metadata":{"component":{
      "type":"file","name":"app","hashes":[{"alg":"SHA-256","content":")" +
                     sha256_hex +
                     R"("}]}},"components":[{"type":"library","name":"zlib","version":"1.3"}]})");
  }
};

TEST_F(AddSbom, IsAboutTheFileThatTheBillNamesAndAboutNoOther) {
  const std::string app = write("app", "the program");
  const std::string digest = to_hex(sha256("the program"));
  const std::string bill = bill_of(digest);
  const Ran bare = run({"add", "sbom", bill});
  ASSERT_EQ(bare.code, 0) << bare.text;
  const Ran given = run({"add", "sbom", bill, "--subject", app, "--subject", kSubject});
  ASSERT_EQ(given.code, 0) << given.text;
  const Ran shown = run({"query", "--subject", "sha256:" + digest});
  EXPECT_EQ(shown.data["entries"].size(), 2U) << shown.text;

  const Ran other = run({"add", "sbom", bill, "--subject", write("other", "another program")});
  EXPECT_EQ(other.code, 2);
  EXPECT_NE(other.text.find("it is the bill of materials of app (sha256:" + digest), std::string::npos)
      << other.text;
}

TEST_F(AddSbom, ThePredicateHoldsFormatVersionCountsAndTheDigestOfTheBill) {
  const std::string bill = bill_of(std::string(64, 'b'));
  ASSERT_EQ(run({"add", "sbom", bill, "--subject", kSubject}).code, 0);
  const Json predicate = run({"show", "0"}).data["predicate"];
  EXPECT_EQ(predicate["format"].as_string(), "CycloneDX");
  EXPECT_EQ(predicate["version"].as_string(), "1.6");
  EXPECT_EQ(predicate["components"].as_integer(), 1);
  EXPECT_EQ(predicate["lacking"]["version"].as_integer(-1), 0);
  EXPECT_EQ(predicate["lacking"]["license"].as_integer(-1), 1);
  EXPECT_EQ(predicate["describes"]["digests"].items().at(0).as_string(), "sha256:" + std::string(64, 'b'));
  EXPECT_EQ(predicate["digest"].as_string(), "sha256:" + to_hex(sha256(read_file(bill).value())));
}

TEST_F(AddSbom, ABillOfNothingThatCanBeNamedNeedsASubject) {
  const std::string bill =
      write("bill.json", R"({"bomFormat":"CycloneDX","specVersion":"1.5","components":[]})");
  const Ran ran = run({"add", "sbom", bill});
  EXPECT_EQ(ran.code, 2);
  EXPECT_NE(ran.text.find("give --subject"), std::string::npos) << ran.text;
  EXPECT_EQ(run({"add", "sbom", write("no.json", R"({"bomFormat":"CycloneDX","specVersion":"1.5"})"),
                 "--subject", kSubject})
                .code,
            2);
}

}  // namespace
}  // namespace signalbox::evidence_command
