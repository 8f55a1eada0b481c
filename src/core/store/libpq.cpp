#include "core/store/libpq.hpp"

#include <dlfcn.h>
#include <fmt/core.h>

namespace signalbox::store {
namespace {

constexpr const char* kLibrary = "libpq.so.5";
constexpr const char* kHint = "install PostgreSQL's client library: apt-get install libpq5";

template <class Function>
bool find(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(::dlsym(library, name));
  return function != nullptr;
}

}  // namespace

Result<Libpq> open_libpq(const char* file) {
  void* const library = ::dlopen(file, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (library == nullptr)
    return fail(ErrorKind::unavailable, fmt::format("a PostgreSQL store needs {}, which is not here", file),
                kHint);
  Libpq out;
  const bool complete =
      find(library, "PQconnectStartParams", out.PQconnectStartParams) &&
      find(library, "PQconnectPoll", out.PQconnectPoll) &&
      find(library, "PQconnectionNeedsPassword", out.PQconnectionNeedsPassword) &&
      find(library, "PQconninfoParse", out.PQconninfoParse) &&
      find(library, "PQconninfoFree", out.PQconninfoFree) && find(library, "PQfinish", out.PQfinish) &&
      find(library, "PQfreemem", out.PQfreemem) && find(library, "PQsocket", out.PQsocket) &&
      find(library, "PQstatus", out.PQstatus) &&
      find(library, "PQtransactionStatus", out.PQtransactionStatus) &&
      find(library, "PQserverVersion", out.PQserverVersion) &&
      find(library, "PQerrorMessage", out.PQerrorMessage) &&
      find(library, "PQsetErrorVerbosity", out.PQsetErrorVerbosity) &&
      find(library, "PQsetNoticeProcessor", out.PQsetNoticeProcessor) &&
      find(library, "PQexec", out.PQexec) && find(library, "PQprepare", out.PQprepare) &&
      find(library, "PQsendQueryParams", out.PQsendQueryParams) &&
      find(library, "PQsendQueryPrepared", out.PQsendQueryPrepared) &&
      find(library, "PQsetSingleRowMode", out.PQsetSingleRowMode) &&
      find(library, "PQenterPipelineMode", out.PQenterPipelineMode) &&
      find(library, "PQexitPipelineMode", out.PQexitPipelineMode) &&
      find(library, "PQpipelineSync", out.PQpipelineSync) && find(library, "PQgetResult", out.PQgetResult) &&
      find(library, "PQresultStatus", out.PQresultStatus) &&
      find(library, "PQresultErrorField", out.PQresultErrorField) &&
      find(library, "PQcmdStatus", out.PQcmdStatus) && find(library, "PQcmdTuples", out.PQcmdTuples) &&
      find(library, "PQntuples", out.PQntuples) && find(library, "PQnfields", out.PQnfields) &&
      find(library, "PQftype", out.PQftype) && find(library, "PQgetisnull", out.PQgetisnull) &&
      find(library, "PQgetlength", out.PQgetlength) && find(library, "PQgetvalue", out.PQgetvalue) &&
      find(library, "PQclear", out.PQclear);
  if (!complete)
    return fail(ErrorKind::unavailable,
                fmt::format("{} is too old: it does not have all of PostgreSQL 14's functions", file), kHint);
  return out;
}

Result<const Libpq*> libpq() {
  static const Result<Libpq> kOpened = open_libpq(kLibrary);
  if (!kOpened) return fail(kOpened.error());
  return &*kOpened;
}

}  // namespace signalbox::store
