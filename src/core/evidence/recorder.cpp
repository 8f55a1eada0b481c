#include "core/evidence/recorder.hpp"

#include <algorithm>
#include <cstdlib>

#include <fmt/core.h>
#include <termios.h>
#include <unistd.h>

#include "core/base/encoding.hpp"
#include "core/base/file.hpp"
#include "core/base/random.hpp"
#include "core/base/text.hpp"
#include "core/evidence/admission.hpp"
#include "core/git/repository.hpp"

namespace signalbox::evidence {
namespace {

// What may stand in a key name, everything else as '-'.
std::string name_part(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                       c == '.' || c == '-' || c == '_';
    out += plain ? c : '-';
  }
  return out.empty() ? "signalbox" : out.substr(0, 64);
}

std::string host() {
  char buffer[256] = {};
  if (::gethostname(buffer, sizeof buffer - 1) != 0) return "localhost";
  return name_part(buffer);
}

std::string url_of(const Workspace& workspace, const std::string& store) {
  return store.empty() ? "sqlite:" + workspace.database().string() : store;
}

bool is_remote(std::string_view store) {
  return starts_with_ignoring_case(store, "https://") || starts_with_ignoring_case(store, "http://");
}

// Reads a line from the terminal without showing it.
Result<std::string> ask_password(std::string_view key_name) {
  std::FILE* const terminal = std::fopen("/dev/tty", "r+");
  if (terminal == nullptr) {
    return fail(ErrorKind::denied,
                fmt::format("the key {} needs its password, and there is no terminal to ask on", key_name),
                "set SIGNALBOX_KEY_PASSWORD_FILE to a file that holds it");
  }
  std::fprintf(terminal, "Password of the key %s: ", std::string(key_name).c_str());
  std::fflush(terminal);
  termios shown{};
  ::tcgetattr(fileno(terminal), &shown);
  termios hidden = shown;
  hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO);
  ::tcsetattr(fileno(terminal), TCSAFLUSH, &hidden);
  char line[1024] = {};
  const bool got = std::fgets(line, sizeof line, terminal) != nullptr;
  ::tcsetattr(fileno(terminal), TCSAFLUSH, &shown);
  std::fprintf(terminal, "\n");
  std::fclose(terminal);
  std::string password = line;
  if (!password.empty() && password.back() == '\n') password.pop_back();
  if (!got || password.empty()) return fail(ErrorKind::denied, "no password given");
  return password;
}

// A new key to sign a log with, and with it a new origin.
Result<SigningKey> new_log_key(KeyStore& keys, const Workspace& workspace) {
  const std::string name =
      fmt::format("{}-{}@{}", name_part(workspace.name), to_hex(random_octets(4)), host());
  SIGNALBOX_CHECK(keys.create(name, {}, {"log"}));
  return keys.load(name);
}

// The key that signs checkpoints of the log in `database`: its own where it has one, else a new one with an
// origin of its own.
Result<SigningKey> key_of_log(store::Database& database, KeyStore& keys, const Workspace& workspace) {
  if (auto ledger = Ledger::open_read_only(database)) {
    if (const auto key = ledger->log_key()) {
      if (keys.has(key->name)) return unlock(keys, key->name);
      return fail(ErrorKind::denied,
                  fmt::format("the private key of the log {} is not on this machine", key->name),
                  "append through the server that holds it: --store https://HOST");
    }
  }
  return new_log_key(keys, workspace);
}

}  // namespace

std::string machine_key_name(std::string_view role) {
  return fmt::format("{}@{}", role, host());
}

Result<std::string> read_password(std::string_view key_name) {
  if (const char* file = std::getenv("SIGNALBOX_KEY_PASSWORD_FILE"); file != nullptr && *file != '\0') {
    SIGNALBOX_TRY(const std::string text, read_file(file, 4096));
    const std::string password = text.substr(0, text.find('\n'));
    if (password.empty()) return fail(ErrorKind::denied, fmt::format("{}: holds no password", file));
    return password;
  }
  return ask_password(key_name);
}

Result<SigningKey> unlock(const KeyStore& keys, std::string_view name) {
  SIGNALBOX_TRY(const StoredKey stored, keys.find(name));
  if (!stored.encrypted || stored.revoked_at) return keys.load(name);
  SIGNALBOX_TRY(const std::string password, read_password(name));
  return keys.load(name, password);
}

struct EvidenceBook::State {
  Workspace workspace;
  Spool spool;
  KeyStore keys{keys_directory()};
  std::unique_ptr<store::Database> database;
  std::optional<Ledger> ledger;
  std::unique_ptr<RemoteLog> remote;
  std::optional<Error> unopened;  // why there is no store to record in
  bool lacks_log_key = false;     // that is why
  PublicKey own_key;
  bool created_key = false;

  State(const Workspace& at, const std::string& store) : workspace(at), spool(Spool::of(at, store)) {}

  Status find_own_key(bool create) {
    const std::string name = machine_key_name();
    if (!keys.has(name) && create) {
      SIGNALBOX_CHECK(keys.create(name, {}, {"builder", "gate"}));
      created_key = true;
    }
    if (!keys.has(name)) {
      own_key.name = name;
      return {};
    }
    SIGNALBOX_TRY(const StoredKey stored, keys.find(name));
    own_key = stored.key;
    return {};
  }

  Status open_log(const Clock& clock, const std::string& store) {
    SIGNALBOX_TRY(database, store::open_database(url_of(workspace, store)));
    SIGNALBOX_CHECK(store::migrate(*database, ledger_migrations()));
    auto log_key = key_of_log(*database, keys, workspace);
    lacks_log_key = !log_key;
    if (!log_key) return fail(log_key.error());
    SIGNALBOX_TRY(Admission admission, admission_of(workspace, clock));
    SIGNALBOX_TRY(Ledger opened, Ledger::open(*database, clock, std::move(*log_key),
                                              CheckpointMemory::of_this_machine(), std::move(admission)));
    ledger.emplace(std::move(opened));
    return {};
  }

  // Whether the same envelope may be taken another time: the store cannot be written now. A server that
  // refuses whoever asks is not away.
  bool is_passing(const Error& error) const {
    return error.kind == ErrorKind::unavailable || (error.kind == ErrorKind::denied && !remote);
  }

  Result<std::vector<Receipt>> append(const std::vector<std::string>& envelopes, Repeats repeats) {
    if (unopened) return fail(*unopened);
    return remote ? remote->append(envelopes, repeats) : ledger->append(envelopes, repeats);
  }

  Result<Spool::Drained> drain() {
    return spool.drain([this](const std::vector<std::string>& envelopes) -> Status {
      SIGNALBOX_CHECK(append(envelopes, Repeats::skipped));
      return {};
    });
  }

  // The same before an append: why the store cannot take it now. A spool that cannot be read hinders nobody.
  std::optional<Error> try_to_drain() {
    std::optional<Error> out;
    (void)spool.drain([&](const std::vector<std::string>& envelopes) -> Status {
      auto receipts = append(envelopes, Repeats::skipped);
      if (receipts) return {};
      if (is_passing(receipts.error())) out = receipts.error();
      return fail(std::move(receipts).error());
    });
    return out;
  }

  // What could not be logged for that reason waits in the spool; the error says what to do.
  Error keep(const std::vector<std::string>& envelopes, Error why) {
    if (const auto all = read_candidates(envelopes); !all) return all.error();
    if (const Status kept = spool.keep(envelopes); !kept) {
      why.message += "; and it cannot be kept for later: " + kept.error().message;
      why.kind = ErrorKind::unavailable;
      return why;
    }
    why.kind = ErrorKind::unavailable;
    why.message += fmt::format("; what was signed is kept in {}", spool.folder().string());
    why.hint += fmt::format("{}the next append that works logs it, or: signalbox evidence log drain",
                            why.hint.empty() ? "" : "; ");
    return why;
  }
};

Result<EvidenceBook> EvidenceBook::open(const Workspace& workspace, const Clock& clock,
                                        const std::string& store) {
  if (is_remote(store)) {
    return fail(ErrorKind::bad_input,
                fmt::format("{}: this command needs the log itself, not a server", store),
                "run it where the store is");
  }
  auto state = std::make_unique<State>(workspace, store);
  SIGNALBOX_CHECK(state->find_own_key(true));
  SIGNALBOX_CHECK(state->open_log(clock, store));
  return EvidenceBook(std::move(state));
}

Result<EvidenceBook> EvidenceBook::open_to_record(const Workspace& workspace, const Clock& clock,
                                                  const std::string& store) {
  auto state = std::make_unique<State>(workspace, store);
  SIGNALBOX_CHECK(state->find_own_key(true));
  if (Status opened = state->open_log(clock, store); !opened) {
    if (!state->is_passing(opened.error()) || state->lacks_log_key) return fail(opened.error());
    state->unopened = opened.error();
  }
  return EvidenceBook(std::move(state));
}

Result<PublicKey> EvidenceBook::fork_log(const Workspace& workspace, const std::string& store) {
  SIGNALBOX_TRY(const auto database, store::open_database(url_of(workspace, store)));
  SIGNALBOX_CHECK(Ledger::open_read_only(*database));
  KeyStore keys(keys_directory());
  SIGNALBOX_TRY(const SigningKey key, new_log_key(keys, workspace));
  SIGNALBOX_CHECK(Ledger::fork(*database, key));
  return key.public_key();
}

Result<EvidenceBook> EvidenceBook::open_existing(const Workspace& workspace, const Clock&,
                                                 const std::string& store) {
  if (is_remote(store))
    return fail(ErrorKind::bad_input,
                fmt::format("{}: this command reads a log here, not a server's", store));
  if (store.empty() && !std::filesystem::exists(workspace.database())) {
    return fail(ErrorKind::not_found,
                fmt::format("nothing was ever recorded in {}", workspace.state.string()),
                "signalbox evidence add junit results.xml --subject git:HEAD");
  }
  auto state = std::make_unique<State>(workspace, store);
  SIGNALBOX_CHECK(state->find_own_key(false));
  SIGNALBOX_TRY(state->database, store::open_database(url_of(workspace, store), {.read_only = true}));
  SIGNALBOX_TRY(Ledger ledger, Ledger::open_read_only(*state->database));
  state->ledger.emplace(std::move(ledger));
  return EvidenceBook(std::move(state));
}

Result<EvidenceBook> EvidenceBook::open_remote(const Workspace& workspace, const std::string& store,
                                               std::unique_ptr<RemoteLog> log) {
  auto state = std::make_unique<State>(workspace, store);
  SIGNALBOX_CHECK(state->find_own_key(true));
  state->remote = std::move(log);
  return EvidenceBook(std::move(state));
}

EvidenceBook::EvidenceBook(std::unique_ptr<State> state) : state_(std::move(state)) {}
EvidenceBook::EvidenceBook(EvidenceBook&&) noexcept = default;
EvidenceBook::~EvidenceBook() = default;

store::Database& EvidenceBook::database() {
  return *state_->database;
}
Ledger& EvidenceBook::ledger() {
  return *state_->ledger;
}
const PublicKey& EvidenceBook::own_key() const {
  return state_->own_key;
}
bool EvidenceBook::created_key() const {
  return state_->created_key;
}
Result<SigningKey> EvidenceBook::signing_key() const {
  return unlock(state_->keys, state_->own_key.name);
}

Result<SigningKey> EvidenceBook::log_signing_key() const {
  SIGNALBOX_TRY(const PublicKey key, state_->ledger->log_key());
  return unlock(state_->keys, key.name);
}

Result<std::optional<Subject>> EvidenceBook::clean_commit() const {
  const auto repository = git::Repository::open(state_->workspace.root);
  if (!repository || repository->is_bare() || repository->is_empty()) return std::optional<Subject>();
  SIGNALBOX_TRY(const bool clean, repository->is_clean());
  if (!clean) return std::optional<Subject>();
  SIGNALBOX_TRY(const std::string commit, repository->resolve("HEAD"));
  return std::optional<Subject>(Subject{.name = state_->workspace.name, .digest = {{"gitCommit", commit}}});
}

// What waits goes first, so that the log has it in the order in which it was signed.
Result<std::vector<Receipt>> EvidenceBook::append(const std::vector<std::string>& envelopes,
                                                  Repeats repeats) {
  if (const std::optional<Error> why = state_->try_to_drain()) return fail(state_->keep(envelopes, *why));
  auto receipts = state_->append(envelopes, repeats);
  if (!receipts && state_->is_passing(receipts.error()))
    return fail(state_->keep(envelopes, receipts.error()));
  return receipts;
}

Result<Spool::Drained> EvidenceBook::drain() {
  return state_->drain();
}
const Spool& EvidenceBook::spool() const {
  return state_->spool;
}

Result<std::vector<Receipt>> EvidenceBook::append_if(const Expectation& expected,
                                                     const std::vector<std::string>& envelopes) {
  if (state_->ledger) {
    auto receipts = state_->ledger->append_if(expected, envelopes);
    if (receipts) (void)state_->drain();  // it waits on where that does not work
    return receipts;
  }
  return fail(ErrorKind::bad_input, "this needs the log itself, not a server", "run it where the store is");
}

Result<Receipt> EvidenceBook::record(Statement statement) {
  SIGNALBOX_TRY(const std::optional<Subject> commit, clean_commit());
  if (commit && std::none_of(statement.subjects.begin(), statement.subjects.end(),
                             [&](const Subject& s) { return matches(s, *commit); })) {
    statement.subjects.push_back(*commit);
  }
  SIGNALBOX_TRY(const std::string payload, write_statement(statement));
  SIGNALBOX_TRY(const SigningKey key, signing_key());
  const std::string envelope = write_envelope(sign_envelope(kPayloadType, payload, {&key}));
  SIGNALBOX_TRY(const std::vector<Receipt> receipts, append({envelope}));
  if (receipts.size() != 1)
    return fail(ErrorKind::internal, "one envelope was appended, and not one receipt came back");
  return receipts.front();
}

}  // namespace signalbox::evidence
