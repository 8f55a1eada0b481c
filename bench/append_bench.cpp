// Durable appends to the ledger: one thread keeps 256 envelopes outstanding in a Sequencer, in eight calls.
// The peer is a bare loop of the same SQLite transactions: the same rows in the same tables, 256 entries a
// commit, with nothing computed; or with the same signatures made or checked by bare libsodium, on all
// processors, before each commit. Both write to the same folder, in turn. Beside the rates stands the
// processor time of an entry and of the parts of it, so that it shows what bounds them.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <string>
#include <vector>

#include <sodium.h>
#include <sqlite3.h>
#include <sys/resource.h>

#include "core/base/encoding.hpp"
#include "core/base/file.hpp"
#include "core/base/parallel.hpp"
#include "core/base/random.hpp"
#include "core/evidence/admission.hpp"
#include "core/evidence/sequencer.hpp"
#include "core/store/testing.hpp"

namespace {

using namespace signalbox;
namespace ev = signalbox::evidence;

constexpr std::size_t kEntries = 20'480;
constexpr std::size_t kOutstanding = 256;
constexpr std::size_t kEntriesPerCall = 32;  // so that eight calls are under way
constexpr std::size_t kTileHashes = 256;
constexpr int kPairs = 5;
constexpr std::size_t kEntriesPerSubject = 8;  // one after another, as a build leaves them about its commit

void give_up(const std::string& why) {
  std::fprintf(stderr, "append_bench: %s\n", why.c_str());
  std::exit(1);
}

template <class T>
T need(Result<T> result) {
  if (!result) give_up(result.error().message);
  return std::move(*result);
}

double seconds(const std::function<void()>& work) {
  const auto began = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
}

// Of the whole process, in seconds.
double processor_time() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto in_seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
  };
  return in_seconds(used.ru_utime) + in_seconds(used.ru_stime);
}

// What kEntries entries took.
struct Cost {
  double rate = 0;  // entries a second
  double cpu = 0;   // microseconds of processor time an entry
};

Cost cost(const std::function<void()>& work) {
  const double before = processor_time();
  const double taken = seconds(work);
  return {static_cast<double>(kEntries) / taken, 1e6 * (processor_time() - before) / kEntries};
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// Statements whose envelopes have about 1.5 kB.
std::vector<std::string> make_payloads() {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < kEntries; ++i) {
    ev::Statement statement;
    const std::string commit = to_hex(sha256(std::to_string(i / kEntriesPerSubject))).substr(0, 40);
    statement.subjects = {{"repository", {{"gitCommit", commit}}}};
    statement.predicate_type = "https://signalbox.dev/evidence/tests/v1";
    statement.predicate = Json::object({{"tool", "ctest"},
                                        {"tests", i},
                                        {"failures", 0},
                                        {"errors", 0},
                                        {"skipped", 0},
                                        {"duration_ms", 1234},
                                        {"report", std::string(560, 'r')}});
    out.push_back(need(ev::write_statement(statement)));
  }
  return out;
}

std::string sign(const std::string& payload, const ev::SigningKey& key) {
  return ev::write_envelope(ev::sign_envelope(ev::kPayloadType, payload, {&key}));
}

// Appends all, at most kOutstanding at a time; `envelope` makes one.
Cost append_all(const std::string& url, const std::string& log_key,
                const std::function<std::string(std::size_t)>& envelope, ev::Admission admission = {}) {
  const TemporaryDirectory memory;
  const SystemClock clock;
  auto sequencer = need(ev::Sequencer::start([&] { return store::open_database(url); }, clock,
                                             need(ev::SigningKey::parse(log_key, {})),
                                             ev::CheckpointMemory(memory.path()), std::move(admission)));
  return cost([&] {
    std::deque<std::future<ev::Sequencer::Receipts>> outstanding;
    for (std::size_t first = 0; first < kEntries; first += kEntriesPerCall) {
      if (outstanding.size() == kOutstanding / kEntriesPerCall) {
        need(outstanding.front().get());
        outstanding.pop_front();
      }
      std::vector<std::string> call;
      for (std::size_t i = first; i < first + kEntriesPerCall; ++i) call.push_back(envelope(i));
      outstanding.push_back(sequencer->submit(std::move(call)));
    }
    for (auto& answer : outstanding) need(answer.get());
  });
}

// What an append wrote, read back: the rows of the bare loop.
struct Rows {
  std::vector<store::Row> entries, blobs, subjects, types, tiles;
  store::Row head{{}};
};

Rows read_rows(const std::string& url) {
  const auto database = need(store::open_database(url));
  const auto all = [&](const char* sql) { return need(database->query(sql)); };
  return {all("select i, t, regressed, leaf, record from evidence_entry order by i"),
          all("select id, salt, body from evidence_blob order by id"),
          all("select digest, i from evidence_subject order by i"),
          all("select type, i from evidence_type order by i"),
          all("select l, n, body from evidence_tile where l = 0 order by n"),
          all("select size, hashes, checkpoint, t from evidence_head").front()};
}

// A prepared statement of the bare loop.
class Statement {
 public:
  Statement(sqlite3* db, const char* sql) : db_(db) {
    if (sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement_, nullptr) != SQLITE_OK)
      give_up(sqlite3_errmsg(db));
  }
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  ~Statement() { sqlite3_finalize(statement_); }
  void bind(int at, const store::Value& value) {
    if (const auto* integer = std::get_if<std::int64_t>(&value)) sqlite3_bind_int64(statement_, at, *integer);
    if (const auto* text = std::get_if<std::string>(&value))
      sqlite3_bind_text(statement_, at, text->data(), static_cast<int>(text->size()), SQLITE_STATIC);
    if (const auto* blob = std::get_if<store::Blob>(&value)) bind_octets(at, blob->octets);
  }
  void bind_octets(int at, std::string_view octets) {
    sqlite3_bind_blob(statement_, at, octets.data(), static_cast<int>(octets.size()), SQLITE_STATIC);
  }
  void run() {
    if (sqlite3_step(statement_) != SQLITE_DONE) give_up(sqlite3_errmsg(db_));
    sqlite3_reset(statement_);
  }
  void run(const store::Row& row) {
    for (std::size_t i = 0; i < row.size(); ++i) bind(static_cast<int>(i) + 1, row[i]);
    run();
  }

 private:
  sqlite3* db_;
  sqlite3_stmt* statement_ = nullptr;
};

const unsigned char* octets(const std::string& text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

// What an envelope's signature is over, and the signature.
struct SignedOctets {
  std::string message;
  std::string signature;
};

std::vector<SignedOctets> signed_octets_of(const std::vector<std::string>& envelopes) {
  std::vector<SignedOctets> out;
  for (const std::string& text : envelopes) {
    ev::Envelope envelope = need(ev::parse_envelope(text));
    out.push_back({ev::pre_authentication_encoding(envelope.payload_type, envelope.payload),
                   std::move(envelope.signatures.front().octets)});
  }
  return out;
}

// What the bare loop does with each entry before the commit that it is in.
using BareWork = std::function<void(std::size_t entry)>;

// The bare loop on an empty store with the ledger's tables.
Cost write_bare(const std::string& path, const Rows& rows, const BareWork& work = {}) {
  {
    const auto database = need(store::open_database("sqlite:" + path));
    if (const auto made = store::migrate(*database, ev::ledger_migrations()); !made)
      give_up(made.error().message);
  }
  sqlite3* db = nullptr;
  if (sqlite3_open_v2(path.c_str(), &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr) != SQLITE_OK)
    give_up("bare loop: cannot open " + path);
  sqlite3_exec(db, "pragma synchronous=full; pragma temp_store=memory; pragma cache_size=-32768", nullptr,
               nullptr, nullptr);
  Cost out;
  {
    Statement begin(db, "begin immediate"), commit(db, "commit");
    Statement entry(db, "insert into evidence_entry (i, t, regressed, leaf, record) values (?, ?, ?, ?, ?)");
    Statement blob(db, "insert into evidence_blob (id, salt, body) values (?, ?, ?)");
    Statement subject(db, "insert into evidence_subject (digest, i) values (?, ?)");
    Statement type(db, "insert into evidence_type (type, i) values (?, ?)");
    Statement tile(db, "insert into evidence_tile (l, n, body) values (?, ?, ?)");
    Statement head(db,
                   "insert into evidence_head (one, size, hashes, checkpoint, vkey, t) values (1, ?, ?, ?, "
                   "'', ?) on conflict (one) do update set size = excluded.size");
    out = cost([&] {
      for (std::size_t first = 0; first < kEntries; first += kOutstanding) {
        if (work) for_each_in_parallel(kOutstanding, [&](std::size_t i) { work(first + i); });
        begin.run();
        for (std::size_t i = first; i < first + kOutstanding; ++i) entry.run(rows.entries[i]);
        for (std::size_t i = first; i < first + kOutstanding; ++i) blob.run(rows.blobs[i]);
        for (std::size_t i = first; i < first + kOutstanding; ++i) subject.run(rows.subjects[i]);
        for (std::size_t i = first; i < first + kOutstanding; ++i) type.run(rows.types[i]);
        tile.run(rows.tiles[first / kTileHashes]);
        head.run(rows.head);
        commit.run();
      }
    });
  }
  sqlite3_close(db);
  return out;
}

// The processor time of the parts of an append, each alone on one thread, in microseconds an entry.
struct Parts {
  double read = 0;    // parsed, hashed, made ready for the writer
  double verify = 0;  // what admission adds to that
  double sodium = 0;  // the signatures alone, bare libsodium
  double commit = 0;
};

Parts measure_parts(const std::vector<std::string>& envelopes, const ev::PublicKey& signer,
                    const std::string& log_key) {
  const SystemClock clock;
  const ev::Admission admission = ev::admit_trusted(ev::self_trust(std::vector{signer}), clock);
  Parts out;
  std::vector<ev::Candidate> read;
  read.reserve(envelopes.size());
  out.read = cost([&] {
               for (const std::string& envelope : envelopes)
                 read.push_back(need(ev::read_candidate(envelope)));
             }).cpu;
  out.verify = cost([&] {
                 for (const std::string& envelope : envelopes) need(ev::read_candidate(envelope, admission));
               }).cpu -
               out.read;
  const std::vector<SignedOctets> signed_octets = signed_octets_of(envelopes);
  out.sodium = cost([&] {
                 for (const auto& [message, signature] : signed_octets) {
                   if (crypto_sign_verify_detached(octets(signature), octets(message), message.size(),
                                                   octets(signer.octets)) != 0)
                     give_up("a signature does not hold");
                 }
               }).cpu;
  const TemporaryDirectory folder;
  const auto database = need(store::open_database((folder.path() / "a.db").string()));
  ev::Ledger ledger = need(ev::Ledger::open(*database, clock, need(ev::SigningKey::parse(log_key, {}))));
  std::vector<std::vector<ev::Group>> commits;
  for (std::size_t first = 0; first < kEntries; first += kOutstanding) {
    std::vector<ev::Group>& groups = commits.emplace_back();
    for (std::size_t i = first; i < first + kOutstanding; ++i) {
      if ((i - first) % kEntriesPerCall == 0) groups.emplace_back();
      groups.back().candidates.push_back(std::move(read[i]));
    }
  }
  out.commit = cost([&] {
                 for (const std::vector<ev::Group>& groups : commits) need(ledger.append_groups(groups));
               }).cpu;
  return out;
}

// Both figures of each pair.
struct Series {
  const char* what;
  const char* peer_name;
  const char* unit;
  const char* bounds;  // floor, goal and how they are meant, as JSON members
  std::vector<double> ours = {}, peer = {}, ratios = {};

  void add(double our, double other) {
    ours.push_back(our);
    peer.push_back(other);
    ratios.push_back(our / other);
  }
  void print() const {
    std::printf(
        "{\"bench\": \"append\", \"what\": \"%s\", \"ours\": %.6g, \"peer\": \"%s\", \"peer_value\": %.6g, "
        "\"ratio\": %.3f, \"unit\": \"%s\", %s, \"command\": \"bench/run append\"}\n",
        what, median(ours), peer_name, median(peer), median(ratios), unit, bounds);
  }
};

constexpr const char* kBare = "bare loop of the same transactions";
constexpr const char* kBareChecking =
    "bare loop of the same transactions, each signature checked in it by libsodium";
constexpr const char* kBareSigning =
    "bare loop of the same transactions, each envelope signed in it by libsodium";
constexpr const char* kRate = "entries/s";
constexpr const char* kCpu = "µs/entry";
constexpr const char* kUnbound = "\"better\": \"lower\", \"floor\": null, \"goal\": null";

}  // namespace

int main() {
  const std::vector<std::string> payloads = make_payloads();
  const ev::SigningKey signer = ev::SigningKey::generate("builder");
  const std::string log_key = ev::SigningKey::generate("bench-log").serialize({});
  std::vector<std::string> envelopes;
  for (const std::string& payload : payloads) envelopes.push_back(sign(payload, signer));
  const auto signed_before = [&](std::size_t i) { return envelopes[i]; };
  const auto signed_now = [&](std::size_t i) { return sign(payloads[i], signer); };
  const SystemClock clock;
  const ev::Admission admission = ev::admit_trusted(ev::self_trust(std::vector{signer.public_key()}), clock);
  const std::vector<SignedOctets> signed_octets = signed_octets_of(envelopes);
  const std::string own_key = signer.public_key().octets;
  const BareWork check = [&](std::size_t i) {
    const SignedOctets& one = signed_octets[i];
    if (crypto_sign_verify_detached(octets(one.signature), octets(one.message), one.message.size(),
                                    octets(own_key)) != 0)
      give_up("a signature does not hold");
  };
  std::vector<unsigned char> public_half(crypto_sign_PUBLICKEYBYTES), secret_half(crypto_sign_SECRETKEYBYTES);
  crypto_sign_keypair(public_half.data(), secret_half.data());
  const BareWork sign_bare = [&](std::size_t i) {
    unsigned char signature[crypto_sign_BYTES];
    crypto_sign_detached(signature, nullptr, octets(signed_octets[i].message),
                         signed_octets[i].message.size(), secret_half.data());
  };
  std::fprintf(stderr, "append_bench: envelopes of %zu bytes\n", envelopes.front().size());

  Series appends{"durable appends, 256 outstanding in 8 calls, checkpoints signed", kBare, kRate,
                 "\"floor\": 0.5, \"goal\": 0.8"};
  Series checked{"the same, signatures checked before they enter", kBare, kRate,
                 "\"floor\": 0.5, \"goal\": 0.8"};
  Series with_signing{"the same, each envelope signed in the loop as well, not checked", kBare, kRate,
                      "\"floor\": null, \"goal\": 0.5"};
  Series checked_alike{"the same, signatures checked on both sides", kBareChecking, kRate,
                       "\"floor\": 0.5, \"goal\": 0.8"};
  Series signed_alike{"the same, envelopes signed on both sides, not checked", kBareSigning, kRate,
                      "\"floor\": 0.5, \"goal\": 0.8"};
  Series appends_cpu{"processor time of an append", kBare, kCpu, kUnbound};
  Series checked_cpu{"processor time of an append, signature checked", kBare, kCpu, kUnbound};
  for (int pair = 0; pair < kPairs; ++pair) {
    const TemporaryDirectory folder;
    const auto file = [&](const char* name) { return (folder.path() / name).string(); };
    const Cost ours = append_all("sqlite:" + file("a.db"), log_key, signed_before);
    const Cost bare = write_bare(file("b.db"), read_rows("sqlite:" + file("a.db")));
    const Cost trusted = append_all("sqlite:" + file("c.db"), log_key, signed_before, admission);
    appends.add(ours.rate, bare.rate);
    checked.add(trusted.rate, bare.rate);
    const Cost signing = append_all("sqlite:" + file("d.db"), log_key, signed_now);
    with_signing.add(signing.rate, bare.rate);
    const Rows rows = read_rows("sqlite:" + file("a.db"));
    checked_alike.add(trusted.rate, write_bare(file("e.db"), rows, check).rate);
    signed_alike.add(signing.rate, write_bare(file("f.db"), rows, sign_bare).rate);
    appends_cpu.add(ours.cpu, bare.cpu);
    checked_cpu.add(trusted.cpu, bare.cpu);
  }
  const double bare_cpu = median(appends_cpu.peer);
  Series read{"of it: reading the envelope, one thread", kBare, kCpu, kUnbound};
  Series verify{"of it: checking the signature, one thread", "Ed25519 alone, bare libsodium", kCpu, kUnbound};
  Series commit{"of it: the commit of 256, one thread", kBare, kCpu, kUnbound};
  for (int round = 0; round < kPairs; ++round) {
    const Parts parts = measure_parts(envelopes, signer.public_key(), log_key);
    read.add(parts.read, bare_cpu);
    verify.add(parts.verify, parts.sodium);
    commit.add(parts.commit, bare_cpu);
  }
  for (const Series* series : {&appends, &checked, &with_signing, &checked_alike, &signed_alike, &appends_cpu,
                               &checked_cpu, &read, &verify, &commit})
    series->print();

  const auto server = store::testing::PostgresServer::start(store::testing::PostgresServer::Sync::on);
  if (!server) return 0;
  Series postgres{"durable appends into PostgreSQL 15 over a local socket", "our SQLite store", kRate,
                  "\"judged\": \"ours\", \"floor\": null, \"goal\": 10000"};
  for (int pair = 0; pair < 3; ++pair) {
    const TemporaryDirectory folder;
    const double sqlite =
        append_all("sqlite:" + (folder.path() / "a.db").string(), log_key, signed_before).rate;
    postgres.add(append_all(need((*server)->create_database()), log_key, signed_before).rate, sqlite);
  }
  postgres.print();
  return 0;
}
