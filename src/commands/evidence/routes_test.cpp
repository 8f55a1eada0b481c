// Who reads what of an entry, over a real log.
#include <algorithm>

#include "commands/evidence/command_fixture.hpp"
#include "core/evidence/recorder.hpp"
#include "core/http/route.hpp"

namespace signalbox::evidence_command {
namespace {

using http::Role;

class EvidenceRoutes : public CommandTest {
 protected:
  // The entry's index.
  std::uint64_t record_as(const std::string& type, const std::string& predicate) {
    const std::string file = write("predicate.json", predicate);
    const Ran ran =
        run({"add", "json", file, "--type", type, "--subject", "r=gitCommit:" + std::string(40, 'a')});
    EXPECT_EQ(ran.code, 0) << ran.text;
    return entries_++;
  }

  // What is answered to somebody of that role: by the handler, then by what is at hand after it.
  std::string answered(std::uint64_t index, Role role) {
    if (routes_.empty()) open();
    http::Request request;
    request.parameters["index"] = std::to_string(index);
    request.principal = {"someone", role};
    const auto response = route("/entries/{index}").handle(request);
    EXPECT_TRUE(response) << (response ? "" : response.error().message);
    if (!response) return {};
    // Nothing is at hand where half a second went by in between.
    const auto again = route("/entries/{index}").at_hand(request);
    if (again) {
      EXPECT_EQ(response->content(), again->content());
    }
    return std::string(response->content());
  }

  std::string listed(Role role) {
    http::Request request;
    request.principal = {"someone", role};
    return std::string(route("/entries").handle(request).value().content());
  }

 private:
  void open() {
    book_.emplace(evidence::EvidenceBook::open(workspace_, clock_, "").value());
    auto services = std::make_shared<Services>(Services{workspace_, clock_, "", {}, nullptr});
    services->database = [this]() -> Result<store::Database*> { return &book_->database(); };
    routes_ = routes(services);
  }

  const http::Route& route(const std::string& end) const {
    return *std::find_if(routes_.begin(), routes_.end(), [&](const http::Route& one) {
      return one.method == http::Method::get && one.path.ends_with(end);
    });
  }

  std::uint64_t entries_ = 0;
  std::optional<evidence::EvidenceBook> book_;
  std::vector<http::Route> routes_;
};

const char* const kPassenger =
    R"({"passenger":"pr-1","owner":"ada","note":"for-the-crew","rollback":{"plan":"for-the-crew"},)"
    R"("estimate":{"minutes":5},"checklist":[{"item":"for-the-crew"}],"title":"faster"})";

TEST_F(EvidenceRoutes, WhatPassengersKeepPrivateIsToldToOperatorsAlone) {
  const std::uint64_t index = record_as("train/passenger/v1", kPassenger);
  for (const Role role : {Role::operator_, Role::viewer, Role::admin, Role::viewer}) {
    const std::string text = answered(index, role);
    const Json entry = parse_json(text).value();
    const Json& predicate = entry["statement"]["predicate"];
    EXPECT_EQ(predicate["title"].as_string(), "faster");
    EXPECT_EQ(entry["signers"].size(), 1U);
    const bool is_crew = role >= Role::operator_;
    EXPECT_EQ(text.find("for-the-crew") != std::string::npos, is_crew) << text;
    EXPECT_EQ(entry["envelope_octets"].as_string().empty(), !is_crew) << "the octets would tell all of it";
    EXPECT_EQ(entry["salt"].as_string().empty(), !is_crew) << "a guess could be checked with it";
    EXPECT_EQ(entry["envelope"].is_null(), !is_crew);
    EXPECT_EQ(entry["hidden"].size(), is_crew ? 0U : 4U);
    EXPECT_FALSE(entry["record"].as_string().empty()) << "its place in the log is for everybody";
    EXPECT_EQ(listed(role).find("for-the-crew"), std::string::npos);
  }
}

TEST_F(EvidenceRoutes, ViewersReadTheManifestWithoutWhatItHidesAndOtherEvidenceWhole) {
  const std::uint64_t manifest =
      record_as("train/manifest/v1", R"({"train":"2026-12","private":[{"note":"for-the-crew"}]})");
  const std::uint64_t report = record_as("evidence/tests/v1", R"({"tests":3,"note":"for-all"})");
  EXPECT_EQ(answered(manifest, Role::viewer).find("for-the-crew"), std::string::npos);
  EXPECT_NE(answered(manifest, Role::viewer).find("2026-12"), std::string::npos);
  EXPECT_EQ(answered(report, Role::viewer), answered(report, Role::admin));
  EXPECT_NE(answered(report, Role::viewer).find("for-all"), std::string::npos);
}

}  // namespace
}  // namespace signalbox::evidence_command
