{{ config(materialized='incremental', unique_key='country') }}
select country, region from {{ ref('regions') }}
