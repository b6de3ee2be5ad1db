{#- A relation in the model of a table that is kept from run to run: all rows, or those of the documents that the table
    lacks, where the pipeline says that its other rows are what they would be (pipeline/increment.py). -#}
{% macro new_rows(relation) -%}
    {%- if only_new_documents() and is_incremental() -%}
        (select * from {{ relation }} where document_id in (select document_id from meta.new_document))
    {%- else -%}
        {{ relation }}
    {%- endif -%}
{%- endmacro %}
