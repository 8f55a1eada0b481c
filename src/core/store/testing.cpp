#include "core/store/testing.hpp"

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <thread>

#include <fmt/core.h>
#include <pwd.h>
#include <sys/wait.h>
#include <unistd.h>

namespace signalbox::store::testing {
namespace {

namespace fs = std::filesystem;

constexpr const char* kPrograms = "/usr/lib/postgresql/15/bin";
constexpr const char* kUser = "postgres";
constexpr int kStartAttempts = 4800;  // of 25 ms: a machine whose disk is busy takes a while

bool is_root() {
  return ::geteuid() == 0;
}

std::string program(const char* name) {
  return fmt::format("{}/{}", kPrograms, name);
}

// It can still be waited for.
bool has_ended(int pid) {
  siginfo_t ended{};
  return ::waitid(P_PID, static_cast<id_t>(pid), &ended, WEXITED | WNOHANG | WNOWAIT) == 0 &&
         ended.si_pid == pid;
}

bool is_installed() {
  return ::access(program("initdb").c_str(), X_OK) == 0;
}

}  // namespace

std::vector<std::string> PostgresServer::as_server_user(std::vector<std::string> command) const {
  std::vector<std::string> out{"setpriv", "--pdeathsig", "QUIT"};
  if (is_root()) out.insert(out.end(), {"--reuid", kUser, "--regid", kUser, "--clear-groups"});
  out.insert(out.end(), std::make_move_iterator(command.begin()), std::make_move_iterator(command.end()));
  return out;
}

Status PostgresServer::initialize() {
  if (is_root()) {
    const passwd* const user = ::getpwnam(kUser);
    if (user == nullptr) return fail(ErrorKind::unavailable, "there is no user postgres");
    if (::chown(folder_.path().c_str(), user->pw_uid, user->pw_gid) != 0)
      return fail(error_from_errno(errno, folder_.path().string()));
  }
  ProcessOptions options;
  options.directory = folder_.path();
  SIGNALBOX_TRY(const ProcessResult made,
                run_process(as_server_user({program("initdb"), "--no-sync", "--auth=trust", "--encoding=UTF8",
                                            "--locale=C", "--username=postgres", "-D",
                                            (folder_.path() / "data").string()}),
                            options));
  if (made.exit_code != 0) return fail(ErrorKind::unavailable, "initdb: " + made.errors + made.output);
  return {};
}

Status PostgresServer::launch() {
  // Through a shell, because nobody here reads what the server says.
  std::vector<std::string> command{"sh", "-c", "exec \"$@\" >>server.log 2>&1", "sh"};
  const std::vector<std::string> server = as_server_user(
      {program("postgres"), "-D", (folder_.path() / "data").string(), "-k", folder_.path().string(), "-c",
       "listen_addresses=", "-c", "max_connections=60", "-c", sync_ == Sync::on ? "fsync=on" : "fsync=off"});
  command.insert(command.end(), server.begin(), server.end());
  for (const std::string& setting : settings_) command.insert(command.end(), {"-c", setting});
  ProcessOptions options;
  options.directory = folder_.path();
  for (int attempt = 0; attempt < kStartAttempts; ++attempt) {
    // It ends by itself while sessions of one before it are still there, and starts once they are gone.
    if (process_ == nullptr || has_ended(process_->pid())) {
      if (process_ != nullptr) static_cast<void>(process_->wait());
      SIGNALBOX_TRY(Process process, Process::start(command, options));
      process_ = std::make_unique<Process>(std::move(process));
    }
    if (open_database(url("postgres"))) return {};
    std::this_thread::sleep_for(std::chrono::milliseconds(25));
  }
  return fail(ErrorKind::unavailable,
              "PostgreSQL does not start; see " + (folder_.path() / "server.log").string());
}

Result<std::unique_ptr<PostgresServer>> PostgresServer::start(Sync sync, std::vector<std::string> settings) {
  if (!is_installed())
    return fail(ErrorKind::unavailable, "PostgreSQL 15 is not installed", "apt-get install postgresql-15");
  std::unique_ptr<PostgresServer> out(new PostgresServer(sync, std::move(settings)));
  SIGNALBOX_CHECK(out->initialize());
  SIGNALBOX_CHECK(out->launch());
  return out;
}

PostgresServer* PostgresServer::shared() {
  static const Result<std::unique_ptr<PostgresServer>> kServer = start(Sync::off);
  if (kServer) return kServer->get();
  std::fprintf(stderr, "no PostgreSQL: %s\n", kServer.error().message.c_str());
  if (is_installed()) std::abort();  // a test that was skipped for a fault would pass
  return nullptr;
}

PostgresServer::~PostgresServer() {
  end();
}

void PostgresServer::end() {
  if (process_ == nullptr) return;
  ::kill(process_->pid(), SIGQUIT);  // at once, and its children with it
  static_cast<void>(process_->wait());
  process_.reset();
}

Status PostgresServer::require_passwords() {
  std::ofstream(folder_.path() / "data" / "pg_hba.conf", std::ios::trunc)
      << "local all postgres trust\nlocal all all scram-sha-256\n";
  return restart();
}

Status PostgresServer::restart() {
  end();
  return launch();
}

std::string PostgresServer::url(const std::string& database, const std::string& user) const {
  return fmt::format("postgresql:///{}?host={}&user={}", database, folder_.path().string(), user);
}

Result<std::string> PostgresServer::create_database() {
  SIGNALBOX_TRY(const auto database, open_database(url("postgres")));
  const std::string name = fmt::format("test_{}", ++databases_);
  SIGNALBOX_CHECK(database->execute("create database " + name));
  return url(name);
}

ScratchStore::ScratchStore(Engine engine) {
  if (engine == Engine::sqlite) {
    url_ = "sqlite:" + (folder_.path() / "a.db").string();
    return;
  }
  PostgresServer* const server = PostgresServer::shared();
  if (server == nullptr) return;
  auto made = server->create_database();
  if (!made) {
    std::fprintf(stderr, "PostgreSQL: %s\n", made.error().message.c_str());
    std::abort();  // a test that was skipped for a fault would pass
  }
  url_ = std::move(*made);
}

std::unique_ptr<Database> ScratchStore::open(const OpenOptions& options) const {
  auto database = open_database(url_, options);
  if (database) return std::move(*database);
  std::fprintf(stderr, "%s: %s\n", url_.c_str(), database.error().message.c_str());
  std::abort();
}

std::string name_of(Engine engine) {
  return engine == Engine::sqlite ? "Sqlite" : "Postgresql";
}

}  // namespace signalbox::store::testing
