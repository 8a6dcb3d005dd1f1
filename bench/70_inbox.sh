#!/bin/bash
# Inboxes: pages of a seller with a tenth of all conversations, against queries
# written by hand over the stored rows, which show statuses as they were stored.
. "$(dirname "$0")/common.bash"

queries=$bench/views
conversations=$(scaled 1000000)
deep=$(scaled 1000)

installed_database bench_inbox
sql bench_inbox -v conversations="$conversations" -f "$bench/views/load_conversations.sql"

# page NUMBER prints psql arguments that name the row before a page of 50.
page() {
    sql bench_inbox -F ' ' <<SQL
SELECT '-v before_at=' || replace(coalesce(max(last_message_at)::text, 'infinity'), ' ', 'T'),
    '-v before_id=' || coalesce(max(conversation_id), 0)
FROM (SELECT last_message_at, conversation_id FROM support_case.conversation
    WHERE seller_id = 1 AND case_id IS NOT NULL AND kind <> 'buyer_platform' AND NOT is_archived_by_seller
    ORDER BY last_message_at DESC, conversation_id DESC OFFSET (($1) - 1) * 50 - 1 LIMIT 1) AS last
WHERE ($1) > 1;
SQL
}

for number in 1 "$deep"; do
    # shellcheck disable=SC2046
    compare "seller_inbox_page, page $number" bench_inbox inbox_page.function inbox_page.table 'stored rows' '' \
        $(page "$number")
done
report "seller_inbox_page, page $deep" ms \
    "$(milliseconds bench_inbox inbox_page.function $(page "$deep"))" \
    "$(milliseconds bench_inbox inbox_page.function $(page 1))" 'page 1' '<= 1.5'
compare 'seller_inbox_page, all messages' bench_inbox inbox_all.function inbox_all.table 'stored rows' ''
compare 'seller_inbox_page, waiting on me' bench_inbox inbox_waiting.function inbox_waiting.table 'stored rows' ''
compare 'seller_inbox_counts' bench_inbox inbox_counts.function inbox_counts.table 'stored rows' ''
compare 'buyer_inbox_page' bench_inbox inbox_buyer.function inbox_buyer.table 'stored rows' ''
compare 'order_support_status of an order' bench_inbox order_status.view order_status.table 'stored rows' ''

sql postgres -c 'DROP DATABASE bench_inbox'
