// Which exception opens a locked scope: a table worked by hand.
#include "instruments/train/gating/scope_exception.hpp"

#include <functional>

#include <gtest/gtest.h>

namespace signalbox::train {
namespace {

using std::chrono::hours;

const Time kAsked = *parse_rfc3339("2026-03-02T10:00:00Z");  // a Monday
const std::string kManifest(64, 'd');

gates::Speaks speaks(const std::string& name, const std::string& role) {
  return {{name, name + std::string(32 - name.size(), '.'), evidence::PublicKey::Algorithm::ed25519}, {role}};
}

// Number 7, asked for at 10:00 and approved by another at 11:00 as entry 9, until 14:00.
gates::Exception granted() {
  gates::Exception out;
  out.request.index = 7;
  out.request.time = kAsked;
  out.request.requester = speaks("ada", "builder");
  out.request.target = {std::nullopt, kManifest, "2026-12"};
  out.request.scope.scope_lock = true;
  out.request.reason = "the payment bug is out";
  out.request.expires = kAsked + hours(4);
  out.approval = {9, kAsked + hours(1), speaks("grace", "approver")};
  return out;
}

const NamedException kUse = {7, "2026-12", kManifest, kAsked + hours(2), 12};

std::string objection(const gates::Exception& exception, const NamedException& named = kUse) {
  const gates::ExceptionPolicy policy;
  const gates::ApprovalPolicy people;
  const std::vector<gates::Exception> all = {exception};
  return exception_objection({policy, people, all}, named);
}

TEST(ScopeException, OpensTheScopeThatItIsFor) {
  EXPECT_EQ(objection(granted()), "");
  NamedException now = kUse;
  now.entry.reset();
  EXPECT_EQ(objection(granted(), now), "");
}

TEST(ScopeException, OpensNothingElse) {
  struct Row {
    std::string wrong;
    std::function<void(gates::Exception&, NamedException&)> change;
  };
  const std::vector<Row> rows = {
      {"asks for no exception", [](auto&, auto& use) { use.number = 9; }},  // the number is the request's
      {"not for the scope lock",
       [](auto& one, auto&) {
         one.request.scope = {{"tests"}, {}, false};
       }},
      {"of train 2026-12, manifest dddddddddddd, and this is train 2027-01",
       [](auto&, auto& use) { use.train = "2027-01"; }},
      {"and this is train 2026-12, manifest eeeeeeeeeeee",
       [](auto&, auto& use) { use.manifest = std::string(64, 'e'); }},
      {"and this is train 2026-12", [](auto&, auto& use) { use.manifest.reset(); }},
      {"is of train 2026-12, and this", [](auto& one, auto&) { one.request.target.manifest.reset(); }},
      {"is of train 2026-12, manifest dddddddddddd, commit",
       [](auto& one, auto&) { one.request.target.commit = std::string(40, 'c'); }},
      {"approved afterwards", [](auto&, auto& use) { use.entry = 8; }},
      {"[exception/not-approved]", [](auto& one, auto&) { one.approval.reset(); }},
      {"[exception/expired]", [](auto&, auto& use) { use.at = kAsked + hours(4); }},
      {"[exception/self-approved]",
       [](auto& one, auto&) { one.approval->approver = speaks("ada", "approver"); }},
      {"[exception/who]", [](auto& one, auto&) { one.approval->approver = speaks("grace", "builder"); }}};
  for (const Row& row : rows) {
    gates::Exception exception = granted();
    NamedException use = kUse;
    row.change(exception, use);
    EXPECT_NE(objection(exception, use).find(row.wrong), std::string::npos)
        << row.wrong << ": " << objection(exception, use);
  }
}

TEST(ScopeException, AKeyThatFellAfterwardsTakesNothingBack) {
  gates::Exception exception = granted();
  exception.approval->approver.fallen = "revoked 2026-03-03T00:00:00Z";
  EXPECT_EQ(objection(exception), "");
  NamedException now = kUse;
  now.entry.reset();
  EXPECT_NE(objection(exception, now).find("revoked"), std::string::npos);
}

}  // namespace
}  // namespace signalbox::train
