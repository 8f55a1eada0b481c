// The compiled halves of Asio and Beast (their SEPARATE_COMPILATION), once.
#include <boost/asio/impl/src.hpp>
#include <boost/asio/ssl/impl/src.hpp>
#include <boost/beast/src.hpp>
