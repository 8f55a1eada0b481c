// Any one flipped bit is found by `evidence verify`, and the layer it lies in is named.
#include "commands/evidence/command_fixture.hpp"
#include "core/evidence/bundle.hpp"

namespace signalbox::evidence_command {
namespace {

namespace ev = evidence;

class FlippedBits : public CommandTest {
 protected:
  void SetUp() override {
    record(R"({"number": 1})", kSubject);
    record(R"({"number": 2})", kSubject);
  }
  // Each `step`th bit of `octets` flipped, in the file that `write_file` makes of it: found, and `named`.
  void expect_found(const std::string& octets, std::size_t step, const std::string& named,
                    const std::vector<std::string>& command,
                    const std::function<void(const std::string&)>& write_file) {
    for (std::size_t bit = 0; bit < octets.size() * 8; bit += step) {
      write_file(flip(octets, bit));
      const Ran ran = run(command);
      ASSERT_NE(ran.code, 0) << named << ", bit " << bit << "\n" << ran.text;
      ASSERT_TRUE(ran.code == 1 || ran.code == 2) << ran.code;
      const bool is_named =
          ran.text.find(named) != std::string::npos || ran.text.find("not valid UTF-8") != std::string::npos;
      ASSERT_TRUE(is_named) << named << ", bit " << bit << "\n" << ran.text;
    }
    write_file(octets);
    const Ran ran = run(command);
    ASSERT_EQ(ran.code, 0) << ran.text;
  }
};

TEST_F(FlippedBits, InTheTextOfABundleAreFound) {
  const std::string text = made({"bundle", "1"});
  expect_found(text, 29, "", {"verify", path("b")}, [&](const std::string& octets) { write("b", octets); });
}

TEST_F(FlippedBits, InEachLayerOfABundleAreNamed) {
  const ev::Bundle good = *ev::parse_bundle(made({"bundle", "1"}));
  const std::vector<std::string> command = {"verify", path("b")};
  const auto changed = [&](auto&& change) {
    return [&, change](const std::string& octets) {
      ev::Bundle bundle = good;
      change(bundle, octets);
      write("b", ev::write_bundle(bundle));
    };
  };
  expect_found(good.entries[0].record, 7, "entry 1", command,
               changed([](ev::Bundle& bundle, const std::string& to) { bundle.entries[0].record = to; }));
  expect_found(good.entries[0].envelope, 13, "envelope 1", command,
               changed([](ev::Bundle& bundle, const std::string& to) { bundle.entries[0].envelope = to; }));
  expect_found(good.entries[0].salt, 1, "envelope 1", command,
               changed([](ev::Bundle& bundle, const std::string& to) { bundle.entries[0].salt = to; }));
  expect_found(std::string(as_octets(good.entries[0].proof.at(0))), 1, "proof of entry 1", command,
               changed([](ev::Bundle& bundle, const std::string& to) {
                 bundle.entries[0].proof[0] = *sha256_from_octets(to);
               }));
}

TEST_F(FlippedBits, InACheckpointAreNamed) {
  expect_found(made({"log", "checkpoint"}), 1, "", {"verify", path("checkpoint")},
               [&](const std::string& octets) { write("checkpoint", octets); });
  const ev::Bundle good = *ev::parse_bundle(made({"bundle", "0"}));
  expect_found(good.checkpoint, 7, "checkpoint", {"verify", path("b")}, [&](const std::string& octets) {
    ev::Bundle bundle = good;
    bundle.checkpoint = octets;
    write("b", ev::write_bundle(bundle));
  });
}

TEST_F(FlippedBits, InAProofOrItsRecordAreNamed) {
  const std::string proof = made({"prove", "1"});
  const std::string record = made({"prove", "1", "--format", "record"});
  const std::vector<std::string> command = {"verify", path("p"), "--record-file", path("r")};
  write("p", proof);
  expect_found(record, 3, "record or proof of entry 1", command,
               [&](const std::string& octets) { write("r", octets); });
  expect_found(proof, 3, "", command, [&](const std::string& octets) { write("p", octets); });
}

// The key id is a hint that DSSE does not sign; everything else of an envelope is.
TEST_F(FlippedBits, InASignedEnvelopeAreNamed) {
  const std::string text = made({"unbundle", write("b", made({"bundle", "1"}))});
  for (const std::string member : {"payload", "payloadType", "sig"}) {
    const std::string opening = "\"" + member + "\":\"";
    const std::size_t begin = text.find(opening) + opening.size();
    const std::size_t end = text.find('"', begin);
    ASSERT_LT(end, text.size());
    for (std::size_t bit = begin * 8; bit < end * 8; bit += 11) {
      const Ran ran = run({"verify", write("e", flip(text, bit))});
      ASSERT_TRUE(ran.code == 1 || ran.code == 2) << member << ", bit " << bit << "\n" << ran.text;
    }
  }
  EXPECT_EQ(run({"verify", write("e", text)}).code, 0);
}

TEST_F(FlippedBits, InTheStoreAreNamedByVerifyAndAudit) {
  const std::string store = "sqlite:" + workspace_.database().string();
  for (const auto& [column, table, named] : {std::tuple("record", "evidence_entry where i = 1", "record 1"),
                                             std::tuple("body", "evidence_blob where id = 0", "envelope 0"),
                                             std::tuple("body", "evidence_tile", "tile 0/0")}) {
    const auto database = store::open_database(store);
    const std::string from = std::string(table);
    const auto rows = (*database)->query("select " + std::string(column) + " from " + from);
    const std::string octets = (*rows)[0].blob(0);
    const std::size_t space = from.find(' ');
    const auto set = [&](const std::string& to) {
      const std::string where = space == std::string::npos ? "" : from.substr(space);
      ASSERT_TRUE((*database)->execute("update " + from.substr(0, space) + " set " + column + " = ?" + where,
                                       {store::Blob{to}}));
    };
    for (const std::size_t bit : {std::size_t{3}, octets.size() * 4, octets.size() * 8 - 1}) {
      set(flip(octets, bit));
      for (const std::vector<std::string>& command : {std::vector<std::string>{"verify"}, {"log", "audit"}}) {
        const Ran ran = run(command);
        EXPECT_EQ(ran.code, 1) << ran.text;
        EXPECT_NE(ran.text.find(named), std::string::npos) << ran.text;
      }
    }
    set(octets);
  }
  EXPECT_EQ(run({"verify"}).code, 0);
}

}  // namespace
}  // namespace signalbox::evidence_command
