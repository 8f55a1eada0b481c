#include <fmt/core.h>

#include "commands/evidence/command_fixture.hpp"
#include "core/evidence/bundle.hpp"

namespace signalbox::evidence_command {
namespace {

namespace ev = evidence;

class VerifyLines : public CommandTest {
 protected:
  ev::Envelope envelope(int number) const {
    return ev::sign_envelope(
        ev::kPayloadType,
        fmt::format(
            R"({{"_type":"https://in-toto.io/Statement/v1","subject":[{{"name":"a","digest":{{"sha256":"{}"}}}}],)"
            R"("predicateType":"https://example.com/n/v1","predicate":{{"n":{}}}}})",
            std::string(64, 'c'), number),
        {&key_});
  }
  // Envelopes and Sigstore bundles by turns, one a line; of line `broken` the signature does not hold.
  std::string lines_of(int count, int broken) const {
    std::string out;
    for (int i = 1; i <= count; ++i) {
      ev::Envelope one = envelope(i);
      if (i == broken) one.signatures.front().octets = flip(one.signatures.front().octets, 9);
      const bool is_bundle = i % 2 == 0;
      out += (is_bundle ? parse_json(ev::write_sigstore_bundle(one, "k"))->dump() : ev::write_envelope(one)) +
             "\n";
    }
    return out;
  }

  const ev::SigningKey key_ = ev::SigningKey::generate("builder");
  const std::string vkey_ = key_.public_key().vkey();
};

TEST_F(VerifyLines, EnvelopesAndSigstoreBundlesAreJudgedInTheirOrderOnSeveralThreads) {
  constexpr int count = 1030;
  EXPECT_EQ(run({"verify", write("good.jsonl", lines_of(count, 0)), "--key", vkey_}).code, 0);
  for (const int broken : {1, 1024, 1026}) {
    const Ran ran = run({"verify", write("bad.jsonl", lines_of(count, broken)), "--key", vkey_});
    EXPECT_EQ(ran.code, 1);
    EXPECT_NE(ran.text.find(fmt::format("1 of {} checks do not hold", count)), std::string::npos) << broken;
    EXPECT_NE(ran.text.find(fmt::format("bad.jsonl:{} ", broken)), std::string::npos) << broken;
  }
}

TEST_F(VerifyLines, TheFirstLineThatCannotBeReadIsTold) {
  const std::string text = lines_of(4, 0) +
                           R"({"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json"})" + "\n" +
                           R"({"payload":1})" + "\n";
  const Ran ran = run({"verify", write("x.jsonl", text), "--key", vkey_});
  EXPECT_EQ(ran.code, 2);
  EXPECT_NE(ran.text.find("x.jsonl:5: $.dsseEnvelope: there is none"), std::string::npos) << ran.text;
}

}  // namespace
}  // namespace signalbox::evidence_command
