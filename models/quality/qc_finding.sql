-- Grain: one row a finding: two things that a document prints and that do not agree, or that nobody can check.
-- What follows from another finding is counted there and listed in qc_finding_all.

with follower as (
    select
        caused_by,
        count(*) as follower_count,
        {{ joined_texts(
            'locator_a', '; ', "concat(coalesce(lpad(cast(form_no as string), 6, '0'), '~'), finding_key)"
        ) }} as follower_locators
    from {{ ref('qc_finding_all') }}
    where caused_by is not null
    group by caused_by
),

counted as (
    select
        finding.*,
        follower.follower_locators,
        cast(coalesce(follower.follower_count, 0) as integer) as follower_count,
        concat(
            finding.message,
            coalesce('；另有 ' || cast(follower.follower_count as string) || ' 处核对由此相差', '')
        ) as full_message,
        concat(
            finding.message_en,
            coalesce(
                '; ' || cast(follower.follower_count as string) || ' more comparisons differ for this reason', ''
            )
        ) as full_message_en
    from {{ ref('qc_finding_all') }} as finding
    left join follower on finding.finding_key = follower.caused_by
    where finding.caused_by is null
)

select
    finding_key,
    finding_code,
    severity,
    outcome,
    identity,
    document_id,
    fiscal_year,
    unit_key,
    form_no,
    fact_table,
    fact_key,
    subject,
    full_message as message,
    full_message_en as message_en,
    value_a,
    value_b,
    value_unit,
    difference,
    tolerance,
    locator_a,
    locator_b,
    follower_count,
    follower_locators
from counted
