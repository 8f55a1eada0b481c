// libcurl, opened when the first call goes out: linked, it would cost every program that can record evidence
// 8 ms at its start, for thirty libraries that most runs do not use.
#pragma once

#include <memory>
#include <string>

#include <curl/curl.h>

#include "core/base/result.hpp"

// The type-checking macros of curl/curl.h would hide the members below.
#undef curl_easy_setopt
#undef curl_easy_getinfo

namespace signalbox::http {

// The functions of libcurl that the client calls, typed by its header.
struct CurlLibrary {
  decltype(&::curl_global_init) global_init = nullptr;
  decltype(&::curl_easy_init) easy_init = nullptr;
  decltype(&::curl_easy_cleanup) easy_cleanup = nullptr;
  decltype(&::curl_easy_reset) easy_reset = nullptr;
  decltype(&::curl_easy_setopt) easy_setopt = nullptr;
  decltype(&::curl_easy_getinfo) easy_getinfo = nullptr;
  decltype(&::curl_easy_perform) easy_perform = nullptr;
  decltype(&::curl_easy_strerror) easy_strerror = nullptr;
  decltype(&::curl_slist_append) slist_append = nullptr;
  decltype(&::curl_slist_free_all) slist_free_all = nullptr;
};

// Opened once, never closed. Not installed: unavailable, with the name of its package. Thread-safe.
Result<const CurlLibrary*> curl_library();

struct CurlHandleDeleter {
  const CurlLibrary* curl = nullptr;
  void operator()(CURL* handle) const { curl->easy_cleanup(handle); }
};
struct CurlListDeleter {
  const CurlLibrary* curl = nullptr;
  void operator()(curl_slist* list) const { curl->slist_free_all(list); }
};
using CurlHandle = std::unique_ptr<CURL, CurlHandleDeleter>;
using CurlList = std::unique_ptr<curl_slist, CurlListDeleter>;

// False where there is no memory; the list is then as it was.
bool append_line(const CurlLibrary& curl, CurlList& list, const std::string& line);

}  // namespace signalbox::http
