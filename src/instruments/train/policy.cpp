#include "instruments/train/policy.hpp"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/core.h>

#include "core/base/digest.hpp"
#include "core/base/file.hpp"
#include "core/base/text.hpp"
#include "core/calendar/content_line.hpp"
#include "core/git/git_process.hpp"
#include "instruments/train/boarding/flags.hpp"
#include "instruments/train/gating/preflight.hpp"

namespace signalbox::train {
namespace {

using config::Node;

constexpr std::size_t kMaxGates = 200;
constexpr std::size_t kMaxFreezes = 1000;
constexpr std::size_t kMaxHolidayFiles = 50;

constexpr std::string_view kBuiltIn = R"(gates:
  - name: tests
    type: evidence/tests/v1
    require: gt(.predicate.tests; 0) and eq(.predicate.failures; 0) and eq(.predicate.errors; 0)
    weight: 30
rubric:
  - name: security
    type: evidence/findings/v1
    require: eq(.predicate.counts.error; 0)
    weight: 20
  - name: observability
    type: slo/verdict/v1
    require: eq(.predicate.verdict; "pass")
    weight: 15
  - name: rollback
    type: train/rollback-rehearsal/v1
    max_age: 30d
    require: eq(.predicate.result; "pass")
    weight: 20
  - name: sign-off
    type: kb/qa-signoff/v1
    require: every(.predicate.items; eq(.done; true))
    weight: 15
freeze: []
changelog: CHANGELOG.md
pass_at: 80
)";

// The sections of a configuration that concern a departure, as one commit has them.
struct Document {
  Node train;
  Node trust;
  std::string file;                             // that holds section `train`
  std::string octets;                           // of that file
  std::map<std::string, std::string> holidays;  // octets of the .ics files that its freezes name

  gates::FileSource files() const {
    return [held = holidays](const std::string& path) -> Result<std::string> {
      const auto found = held.find(path);
      if (found != held.end()) return found->second;
      return fail(ErrorKind::not_found, fmt::format("{} is not in this commit", printable(path)));
    };
  }
};

Result<Node> built_in_document() {
  return config::parse_yaml(kBuiltIn, "the built-in policy");
}

// Where the workspace lies in its repository: empty, or "services/api/".
Result<std::string> prefix_of(const Workspace& workspace) {
  SIGNALBOX_TRY(const ProcessResult said, git::run_git(workspace.root, {"rev-parse", "--show-prefix"}));
  return std::string(trim(said.output));
}

// The octets of a file of a commit; nothing where the commit has none of that name.
Result<std::optional<std::string>> file_of(const git::Repository& repository, const std::string& commit,
                                           const std::string& path) {
  auto octets = repository.file_at(commit, path);
  if (octets) return std::optional(std::move(*octets));
  if (octets.error().kind == ErrorKind::not_found) return std::optional<std::string>();
  return fail(std::move(octets).error());
}

struct Place {
  const git::Repository& repository;
  std::string commit;
  std::string prefix;
};

// Section `name` from signalbox.yaml, or signalbox/<name>.yaml beside it, of one commit.
Status read_section(const Place& place, const std::string& name, Node& node, Document* holder) {
  const std::string revision = place.commit.substr(0, 7);
  for (const std::string& file : {std::string("signalbox.yaml"), "signalbox/" + name + ".yaml"}) {
    SIGNALBOX_TRY(std::optional<std::string> octets,
                  file_of(place.repository, place.commit, place.prefix + file));
    if (!octets) continue;
    SIGNALBOX_TRY(Node document, config::parse_yaml(*octets, fmt::format("{}@{}", file, revision)));
    if (file == "signalbox.yaml") document = document[name];
    if (!document.exists()) continue;
    node = document;
    if (holder != nullptr) {
      holder->file = file;
      holder->octets = std::move(*octets);
    }
    return {};
  }
  return {};
}

// Of one commit, as the section itself: a candidate cannot lift a freeze by its own list of holidays.
Status read_holidays(const Place& place, Document& document) {
  for (const Node& freeze : document.train["freeze"].items()) {
    if (!freeze["ics"].is_scalar()) continue;
    SIGNALBOX_TRY(const std::string path, freeze["ics"].text());
    if (document.holidays.size() >= kMaxHolidayFiles)
      return freeze["ics"].wrong(fmt::format("more than {} files of holidays", kMaxHolidayFiles));
    SIGNALBOX_TRY(std::optional<std::string> octets,
                  file_of(place.repository, place.commit, place.prefix + path));
    if (octets) document.holidays.emplace(path, std::move(*octets));
  }
  return {};
}

Result<Document> read_document(const Place& place) {
  Document document;
  SIGNALBOX_CHECK(read_section(place, "train", document.train, &document));
  SIGNALBOX_CHECK(read_section(place, "trust", document.trust, nullptr));
  SIGNALBOX_CHECK(read_holidays(place, document));
  return document;
}

Json json_of(const Node& node) {
  return node.exists() ? node.to_json() : Json();
}

// Everything that judges: the built-in members, replaced by those that the section has.
Result<std::string> text_of(const Document& document) {
  SIGNALBOX_TRY(const Node built_in, built_in_document());
  Json effective = built_in.to_json();
  const Json own = json_of(document.train);
  for (const auto& [key, value] : own.members()) effective.set(key, value);
  Json all = Json::object({{"train", std::move(effective)}, {"trust", json_of(document.trust)}});
  for (const auto& [path, octets] : document.holidays) all.set("file:" + path, to_hex(sha256(octets)));
  return all.canonical();
}

std::string digest_of(std::string_view text) {
  return "sha256:" + to_hex(sha256(text));
}

Result<std::vector<gates::Gate>> parse_gates(const Node& list, std::size_t max) {
  std::vector<gates::Gate> out;
  std::set<std::string> names = {"changelog", "freeze", "readiness", "veto",     "tags",
                                 "decision",  "log",    "train",     "manifest", "reviews"};
  if (list.items().size() > max) return list.wrong(fmt::format("more than {} of them", max));
  for (const Node& node : list.items()) {
    SIGNALBOX_TRY(gates::Gate gate, gates::parse_gate(node));
    if (!names.insert(gate.name).second)
      return node["name"].wrong(fmt::format("a second gate of the name {}", gate.name));
    out.push_back(std::move(gate));
  }
  return out;
}

bool has_weight(const Policy& policy, const std::string& name) {
  const auto carries = [&](const gates::Gate& gate) { return gate.name == name && gate.weight > 0; };
  return std::any_of(policy.gates.begin(), policy.gates.end(), carries) ||
         std::any_of(policy.rubric.begin(), policy.rubric.end(),
                     [&](const RubricItem& item) { return carries(item.gate); });
}

// What gates name has to be there: roles of people, items of the score. `list` is where they were read from.
Status check_gates(const Policy& policy, const Node& list) {
  const std::vector<Node> nodes = list.items();
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const gates::Gate& gate = policy.gates[i];
    if (const auto* people = std::get_if<gates::ApprovalRule>(&gate.rule)) {
      const Status known = gates::check_roles(*people, policy.approvals);
      if (!known) return nodes[i]["role"].wrong(known.error().message, known.error().hint);
    }
    const auto* score = std::get_if<gates::ScoreRule>(&gate.rule);
    if (score == nullptr) continue;
    for (const std::string& item : score->items) {
      if (!has_weight(policy, item))
        return nodes[i]["items"].wrong(fmt::format("nothing of the name {} has a weight", printable(item)));
    }
  }
  return {};
}

// Its rows stand before the other gates.
Status add_preflight(const Node& node, Policy& policy) {
  SIGNALBOX_TRY(std::vector<gates::Gate> rows, parse_preflight(node));
  for (const gates::Gate& row : rows) {
    const auto has_name = [&](const auto& one) { return one.name == row.name; };
    if (std::any_of(policy.gates.begin(), policy.gates.end(), has_name))
      return node.wrong(fmt::format("a gate has the name of its row {}", row.name));
  }
  policy.gates.insert(policy.gates.begin(), std::make_move_iterator(rows.begin()),
                      std::make_move_iterator(rows.end()));
  return {};
}

Status parse_freezes(const Node& list, const gates::FileSource& files, std::vector<gates::Freeze>& out) {
  if (list.items().size() > kMaxFreezes) return list.wrong(fmt::format("more than {} of them", kMaxFreezes));
  for (const Node& node : list.items()) {
    SIGNALBOX_TRY(gates::Freeze freeze, gates::parse_freeze(node, files));
    out.push_back(std::move(freeze));
  }
  return {};
}

Status check_list(const Node& node) {
  if (!node.exists() || node.is_list()) return {};
  return node.wrong("a list is expected here", "- name: …");
}

// The highest release that the candidate holds and that is not the candidate itself.
Result<std::optional<Release>> last_departed(const git::Repository& repository, const PolicyQuery& query,
                                             const std::optional<std::string>& package) {
  SIGNALBOX_TRY(const Series series, read_series(repository, package, query.candidate, query.shallow));
  SIGNALBOX_TRY(const std::vector<std::string> names, repository.merged_tags(query.candidate));
  const std::set<std::string> merged(names.begin(), names.end());
  std::optional<Release> out;
  for (const Release& release : series.releases) {
    if (release.commit != query.candidate && merged.count(release.tag) > 0) out = release;
  }
  return out;
}

Result<evidence::Trust> trust_of(const Node& trust) {
  if (trust.exists()) return evidence::parse_trust(trust);
  SIGNALBOX_TRY(const std::vector<evidence::StoredKey> own, evidence::KeyStore(keys_directory()).stored());
  return evidence::self_trust(own);
}

// Finds the commit whose configuration judges, and reads it.
class PolicyReader {
 public:
  PolicyReader(const git::Repository& repository, const Workspace& workspace, const PolicyQuery& query)
      : repository_(repository), workspace_(workspace), query_(query) {}

  Result<Policy> read() {
    SIGNALBOX_TRY(prefix_, prefix_of(workspace_));
    SIGNALBOX_CHECK(query_.revision ? by_operator() : by_release());
    SIGNALBOX_TRY(Policy policy, parse_policy(document_.train, document_.files()));
    SIGNALBOX_TRY(policy.trust, trust_of(document_.trust));
    SIGNALBOX_TRY(policy.document, text_of(document_));
    policy.digest = digest_of(policy.document);
    SIGNALBOX_CHECK(remark_on_candidate());
    policy.source = source_text();
    if (document_.train.exists()) {
      policy.configuration =
          gates::configuration_of(workspace_, document_.file, document_.octets, commit_.substr(0, 12));
    }
    policy.remarks = std::move(remarks_);
    return policy;
  }

 private:
  Status by_operator() {
    SIGNALBOX_TRY(const std::string id, repository_.resolve(*query_.revision));
    if (id == query_.candidate) {
      return fail(ErrorKind::bad_input,
                  fmt::format("--policy-ref {}: that is the commit under judgement, and no candidate judges "
                              "itself",
                              printable(*query_.revision)),
                  "name a commit that was approved before, such as the last release or origin/main");
    }
    return take(id, *query_.revision);
  }

  // Before a package's first release that of another judges, if it declares the package: the candidate's own
  // word for it would not count.
  Result<std::optional<Release>> last_release() const {
    auto own = last_departed(repository_, query_, query_.package);
    const bool is_new = !own && query_.package && own.error().kind == ErrorKind::not_found;
    if (!is_new) return own;
    SIGNALBOX_TRY(const std::optional<Release> other, last_departed(repository_, query_, std::nullopt));
    if (!other) return own;
    SIGNALBOX_TRY(const auto judging, read_document({repository_, other->commit, prefix_}));
    if (!judging.train["packages"][*query_.package].exists()) return own;
    return other;
  }

  Status by_release() {
    SIGNALBOX_TRY(std::optional<Release> base, last_release());
    if (!base) return {};
    SIGNALBOX_CHECK(take(base->commit, base->tag));
    if (const Node package = document_.train["package"]; package.exists() && !query_.package) {
      SIGNALBOX_TRY(const std::string name, package.text());
      SIGNALBOX_TRY(base, last_departed(repository_, query_, name));
      if (base) {
        SIGNALBOX_CHECK(take(base->commit, base->tag));
      }
    }
    return follow_reference();
  }

  // `policy_ref` of the last release: a branch or tag that holds the policy instead.
  Status follow_reference() {
    const Node reference = document_.train["policy_ref"];
    if (!reference.exists()) return {};
    SIGNALBOX_TRY(const std::string name, reference.text());
    const auto id = repository_.resolve(name);
    if (!id) {
      return fail(ErrorKind::unavailable,
                  fmt::format("{}: policy_ref: {}", reference.where(), id.error().message),
                  fmt::format("git fetch origin {}, or name a policy with --policy-ref", printable(name)));
    }
    if (*id == query_.candidate) {
      remarks_.push_back({"train/policy-is-candidate",
                          fmt::format("policy_ref {} is the commit under judgement: passed over, {} judges",
                                      printable(name), name_),
                          ""});
      return {};
    }
    return take(*id, name);
  }

  Status take(const std::string& commit, const std::string& name) {
    commit_ = commit;
    name_ = name;
    SIGNALBOX_TRY(document_, read_document({repository_, commit, prefix_}));
    return {};
  }

  // What the candidate would change of the policy judges from its release on.
  Status remark_on_candidate() {
    const auto own = read_document({repository_, query_.candidate, prefix_});
    if (!own) return fail(own.error());
    SIGNALBOX_TRY(const std::string ours, text_of(document_));
    SIGNALBOX_TRY(const std::string theirs, text_of(*own));
    if (ours == theirs) return {};
    SIGNALBOX_CHECK(
        parse_policy(own->train, own->files()));  // a mistake in it is told now, not at the next departure
    const std::string message =
        commit_.empty() ? "the configuration of this commit judges from its release on; until then the "
                          "built-in policy does"
                        : fmt::format(
                              "this train carries a change of the policy: it judges from its release "
                              "on; until then {} does",
                              name_);
    const std::string remedy =
        commit_.empty() ? "signalbox train check --policy-ref COMMIT" : "signalbox train lint";
    remarks_.push_back({"train/policy-changes", message, remedy, Severity::note});
    return {};
  }

  std::string source_text() const {
    const std::string where =
        commit_.empty() ? std::string() : fmt::format("{} ({})", printable(name_), commit_.substr(0, 7));
    if (document_.train.exists()) return fmt::format("{} of {}", document_.file, where);
    return where.empty() ? "the built-in policy" : fmt::format("the built-in policy; {} has none", where);
  }

  const git::Repository& repository_;
  const Workspace& workspace_;
  const PolicyQuery& query_;
  std::string prefix_;
  std::string commit_;  // that judges; empty: none does
  std::string name_;
  Document document_;
  std::vector<Remark> remarks_;
};

Status read_health(const Node& train, Policy& policy) {
  SIGNALBOX_TRY(policy.health, after::parse_health(train["health"]));
  if (policy.health.measures.empty() || policy.ramp.prometheus) return {};
  return train["health"].wrong("figures need a source: `metrics` of section `train` is missing",
                               "metrics: {prometheus: \"http://127.0.0.1:9090\", baseline: …, canary: …}");
}

}  // namespace

std::string_view built_in_policy() {
  return kBuiltIn;
}

std::string_view built_in_tests_condition() {
  constexpr std::string_view key = "    require: ";
  std::string_view text = kBuiltIn.substr(kBuiltIn.find(key) + key.size());
  return text.substr(0, text.find('\n'));
}

Result<Policy> parse_policy(const Node& train, const gates::FileSource& files) {
  SIGNALBOX_TRY(const Node built_in, built_in_document());
  const auto member = [&](const char* key) { return train[key].exists() ? train[key] : built_in[key]; };
  for (const char* key : {"gates", "rubric", "freeze"}) SIGNALBOX_CHECK(check_list(train[key]));
  Policy policy;
  SIGNALBOX_TRY(policy.settings, parse_settings(train));
  SIGNALBOX_TRY(policy.ramp, ramp::parse_settings(train));
  SIGNALBOX_TRY(policy.gates, parse_gates(member("gates"), kMaxGates));
  SIGNALBOX_TRY(std::vector<gates::Gate> rubric, parse_gates(member("rubric"), kMaxGates));
  const auto counts =
      train["rubric"].exists() ? RubricItem::Counts::always : RubricItem::Counts::once_recorded;
  for (gates::Gate& gate : rubric) {
    gate.blocker = false;
    policy.rubric.push_back({std::move(gate), counts});
  }
  SIGNALBOX_CHECK(parse_freezes(member("freeze"), files, policy.freezes));
  SIGNALBOX_TRY(policy.approvals, gates::parse_approval_policy(train["approvals"]));
  SIGNALBOX_TRY(policy.exceptions, gates::parse_exception_policy(train["exceptions"]));
  SIGNALBOX_TRY(policy.reviews, after::parse_review_rules(train["reviews"]));
  SIGNALBOX_CHECK(read_health(train, policy));
  SIGNALBOX_TRY(policy.announcing, after::parse_announcing(train));
  SIGNALBOX_TRY(policy.contacts, after::parse_contacts(train["contacts"]));
  SIGNALBOX_CHECK(check_gates(policy, member("gates")));
  SIGNALBOX_CHECK(add_preflight(train["preflight"], policy));
  if (train["environment"].exists()) {
    SIGNALBOX_TRY(policy.environment, train["environment"].text());
  }
  SIGNALBOX_CHECK(parse_flags(train["flags"]));
  SIGNALBOX_TRY(policy.boarding, parse_boarding_rules(train["boarding"]));
  SIGNALBOX_TRY(policy.summaries, parse_summaries(train["summaries"]));
  SIGNALBOX_TRY(policy.cadence, schedule::parse_cadence(train["cadence"]));
  SIGNALBOX_TRY(policy.feed, schedule::parse_feed(train["calendar"]));
  SIGNALBOX_TRY(policy.pass_at, member("pass_at").number());
  if (!(policy.pass_at >= 0 && policy.pass_at <= 100)) return train["pass_at"].wrong("a score is 0 to 100");
  if (train["policy_ref"].exists()) {
    SIGNALBOX_CHECK(train["policy_ref"].text());
  }
  return policy;
}

Result<Policy> parse_own_policy(const Workspace& workspace) {
  SIGNALBOX_TRY(const Node train, section(workspace, "train"));
  return parse_policy(train, [&](const std::string& path) {
    return read_file(workspace.root / path, calendar::kMaxIcsBytes);
  });
}

Result<Node> section_at(const git::Repository& repository, const Workspace& workspace,
                        const std::string& commit, const std::string& name) {
  SIGNALBOX_TRY(std::string prefix, prefix_of(workspace));
  Node out;
  SIGNALBOX_CHECK(read_section({repository, commit, std::move(prefix)}, name, out, nullptr));
  return out;
}

Result<std::optional<std::string>> file_at(const git::Repository& repository, const Workspace& workspace,
                                           const std::string& commit, const std::string& path) {
  SIGNALBOX_TRY(const std::string prefix, prefix_of(workspace));
  return file_of(repository, commit, prefix + path);
}

Result<Policy> read_policy(const git::Repository& repository, const Workspace& workspace,
                           const PolicyQuery& query) {
  return PolicyReader(repository, workspace, query).read();
}

}  // namespace signalbox::train
