#include <algorithm>

#include "commands/evidence/route_fixture.hpp"
#include "core/base/encoding.hpp"

namespace signalbox::evidence_command {
namespace {

class Timeline : public RouteTest {
 protected:
  Json asked() {
    if (!services_) services_ = services();
    return parse_json(timeline_route(services_).handle({}).value().content()).value();
  }
  void record_at(std::chrono::seconds later) {
    clock_.advance(later);
    record("{}", kSubject);
  }
  // What `log checkpoint` prints: origin, size, root.
  std::string note() { return made({"log", "checkpoint"}); }

 private:
  std::shared_ptr<Services> services_;
};

TEST_F(Timeline, OfAnEmptyLogIsEmpty) {
  const Json told = asked();
  EXPECT_EQ(told["size"].as_integer(), 0);
  EXPECT_EQ(told["checkpoints"].size(), 0U);
  EXPECT_TRUE(told["audit"].is_null());
}

// The roots are those that were signed at the time.
TEST_F(Timeline, ShowsEachCheckpointWithTheRootThatWasSigned) {
  std::vector<std::string> notes;
  for (int i = 0; i < 5; ++i) {
    record_at(std::chrono::seconds(60));
    notes.push_back(note());
  }
  const Json told = asked();
  ASSERT_EQ(told["checkpoints"].size(), 5U);
  for (std::size_t i = 0; i < 5; ++i) {
    const Json& one = told["checkpoints"].items()[i];
    const std::string& signed_note = notes[4 - i];
    EXPECT_EQ(one["size"].as_integer(), static_cast<std::int64_t>(5 - i));
    EXPECT_EQ(one["entries"].as_integer(), 1);
    const auto root = sha256_from_hex(one["root"].as_string());
    ASSERT_TRUE(root);
    EXPECT_NE(signed_note.find("\n" + to_base64(as_octets(*root)) + "\n"), std::string::npos) << signed_note;
  }
  EXPECT_EQ(told["checkpoints"].items()[0]["time"].as_string(), to_rfc3339(clock_.now()));
  EXPECT_EQ(told["growth"].size(), 5U);
  EXPECT_EQ(told["growth"].items()[0]["size"].as_integer(), 1);
  EXPECT_EQ(told["growth"].items()[4]["time"].as_string(), to_rfc3339(clock_.now()));
}

TEST_F(Timeline, NamesTheLastAuditOfThisLogThatWasRecorded) {
  const auto audited = [&](const std::string& origin, int failures) {
    const Json predicate = Json::object({{"origin", origin},
                                         {"size", 1},
                                         {"entries_checked", 1},
                                         {"tiles_checked", 1},
                                         {"failures", failures},
                                         {"forks", 0}});
    const std::string file = write("audit.json", predicate.dump());
    ASSERT_EQ(run({"add", "json", file, "--type", "evidence/log-audit/v1", "--subject", kSubject}).code, 0);
  };
  record_at(std::chrono::seconds(1));
  EXPECT_TRUE(asked()["audit"].is_null());
  const std::string text = note();
  audited(text.substr(0, text.find('\n')), 2);
  audited("log@elsewhere", 0);
  const Json audit = asked()["audit"];
  EXPECT_EQ(audit["index"].as_integer(), 1);
  EXPECT_EQ(audit["failures"].as_integer(), 2);
}

}  // namespace
}  // namespace signalbox::evidence_command
