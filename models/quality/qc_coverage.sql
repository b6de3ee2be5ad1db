-- Grain: one row a loaded document.
-- Every non-empty cell and paragraph is either claimed or listed in qc_unclaimed. A paragraph counts as one line.

with block as (
    select
        document_id,
        sum(case when block_kind = 'cell' then 1 else 0 end) as cells_total,
        sum(case when block_kind = 'cell' and claimed_as is not null then 1 else 0 end) as cells_claimed,
        sum(case when block_kind = 'paragraph' then 1 else 0 end) as lines_total,
        sum(case when block_kind = 'paragraph' and claimed_as is not null then 1 else 0 end) as lines_claimed
    from {{ ref('stg_cell') }}
    group by document_id
),

unclaimed as (
    select
        document_id,
        source_locator || ': ' || left(cell_text, 40) as sample,
        row_number() over (partition by document_id order by block_no nulls last) as choice
    from {{ ref('qc_unclaimed') }}
),

sample as (
    select
        document_id,
        concat_ws(
            ' | ',
            max(case when choice = 1 then sample end),
            max(case when choice = 2 then sample end),
            max(case when choice = 3 then sample end)
        ) as unclaimed_sample
    from unclaimed
    group by document_id
)

select
    document.document_id,
    cast(coalesce(block.cells_total, 0) as integer) as cells_total,
    cast(coalesce(block.cells_claimed, 0) as integer) as cells_claimed,
    cast(coalesce(block.lines_total, 0) as integer) as lines_total,
    cast(coalesce(block.lines_claimed, 0) as integer) as lines_claimed,
    sample.unclaimed_sample
from {{ ref('stg_document') }} as document
left join block on document.document_id = block.document_id
left join sample on document.document_id = sample.document_id
