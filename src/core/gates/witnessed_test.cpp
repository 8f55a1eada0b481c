// What a condition reads of witnesses: `.log.witnesses`.
#include "core/evidence/cosignature.hpp"
#include "core/evidence/witness_book.hpp"
#include "core/gates/gate_fixture.hpp"

namespace signalbox::gates {
namespace {

class Witnessed : public GateTest {
 protected:
  Witnessed() { trust_.keys.push_back(trusted_witness(first_)); }

  static evidence::TrustedKey trusted_witness(const SigningKey& key) {
    evidence::TrustedKey out = trusted(key, "witness");
    out.key = evidence::witness_key(key.public_key());
    return out;
  }

  // The newest checkpoint is shown to that witness.
  void cosign_by(const SigningKey& witness) {
    evidence::WitnessBook book(*database_);
    const evidence::PublicKey key = evidence::witness_key(witness.public_key());
    ASSERT_TRUE(book.add(key, "https://witness.example"));
    const evidence::Note note = evidence::parse_note(ledger_.checkpoint().value()).value();
    const evidence::AskedWitness asked{key, "https://witness.example", 0, {}, {}, ""};
    ASSERT_TRUE(
        book.keep_cosignature(asked, note, evidence::cosign(note.text, witness, clock_.now()), clock_.now()));
  }

  std::string verdict(int wanted) {
    return std::string(name_of(
        judged(gate_from("{name: tests, type: evidence/tests/v1, require: 'eq(.predicate.failures; 0) and "
                         "ge(.log.witnesses; " +
                         std::to_string(wanted) + ")'}")
                   .value())
            .verdict));
  }

  const SigningKey first_ = SigningKey::generate("witness.example/w1");
  const SigningKey second_ = SigningKey::generate("witness.example/w2");
};

TEST_F(Witnessed, AnEntryHasTheTrustedWitnessesOfACheckpointThatCoversIt) {
  record(result(3, 0), {&builder_});
  EXPECT_EQ(verdict(1), "fail") << "nobody cosigned yet";
  cosign_by(first_);
  EXPECT_EQ(verdict(1), "pass");
  EXPECT_EQ(verdict(2), "fail");
  cosign_by(second_);
  EXPECT_EQ(verdict(2), "fail") << "trust does not name the second";
  trust_.keys.push_back(trusted_witness(second_));
  EXPECT_EQ(verdict(2), "pass");
  clock_.advance(std::chrono::minutes(1));
  record(result(4, 0), {&builder_});
  EXPECT_EQ(verdict(1), "fail") << "the newest statement came after that checkpoint";
}

}  // namespace
}  // namespace signalbox::gates
